// SPDX-License-Identifier: Apache-2.0

import Glibc
import Store

/// An open file, closed when nobody has it any more.
final class Descriptor: Sendable {
    let number: Int32

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - flags: how, beside `O_CLOEXEC` and `O_NOFOLLOW`.
    ///   - mode: of a file that is made.
    /// - Throws: `StoreError`.
    init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws {
        number = open(path, flags | O_CLOEXEC | O_NOFOLLOW, mode)
        guard number >= 0 else { throw Self.failure(path) }
    }

    deinit {
        close(number)
    }

    /// Writes all of some bytes at the end.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(number, rest.baseAddress, rest.count)
            if count > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            } else if errno != EINTR {
                throw Self.failure("an object")
            }
        }
    }

    /// Reads bytes from a place, as many as there are up to `count`.
    func read(at offset: Int64, count: Int) throws -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let got = pread(
                    number,
                    buffer.baseAddress.map { $0 + filled },
                    count - filled,
                    off_t(offset) + off_t(filled)
                )
                if got > 0 {
                    filled += got
                } else if got == 0 {
                    return
                } else if errno != EINTR {
                    failed = true
                    return
                }
            }
        }
        if failed { throw Self.failure("an object") }
        return bytes
    }

    /// Waits until all that was written is on the disk.
    func synchronise() throws {
        guard fsync(number) == 0 else { throw Self.failure("an object") }
    }

    /// How many bytes the file has.
    func size() throws -> Int64 {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw Self.failure("an object") }
        return Int64(status.st_size)
    }

    /// What the system says went wrong just now.
    static func failure(_ what: String) -> StoreError {
        let code = errno
        let isFull = code == ENOSPC || code == EDQUOT
        return StoreError(isFull ? .full : .inaccessible, "\(what): \(String(cString: strerror(code)))")
    }
}
