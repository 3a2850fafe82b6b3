// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What is kept of an output, open to be read; it stays so where it is removed meanwhile.
package final class KeptOutput: Sendable {
    /// How many bytes there are.
    package let size: Int
    private let file: FileDescriptor

    /// Opens a file; nil where there is none.
    init?(path: String) {
        let number = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { return nil }
        let file = FileDescriptor(owning: number)
        var status = stat()
        guard fstat(number, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        size = Int(status.st_size)
        self.file = file
    }

    /// Bytes from a place on.
    ///
    /// - Parameters:
    ///   - offset: where to begin.
    ///   - count: how many at most.
    /// - Returns: the bytes; fewer only at the end, or where the file cannot be read.
    package func read(at offset: Int, count: Int) -> [UInt8] {
        let count = max(0, min(count, size - offset))
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    file.number,
                    buffer.baseAddress?.advanced(by: filled),
                    count - filled,
                    off_t(offset + filled)
                )
                if got > 0 {
                    filled += got
                } else if got == 0 || errno != EINTR {
                    return
                }
            }
        }
    }
}
