// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Glibc
import Synchronization

/// A file that is written beside its place, and gets there only once it is whole; or stdout for `-`.
final class OutputFile: Sendable {
    private let path: String
    private let draft: String?
    private let descriptor: Int32
    private let isKept = Mutex(false)

    /// Makes a draft.
    ///
    /// - Throws: ``OutputFailure``.
    init(path: String) throws(OutputFailure) {
        self.path = path
        guard path != "-" else {
            (draft, descriptor) = (nil, STDOUT_FILENO)
            return
        }
        let beside = "\(path).\(getpid()).part"
        draft = beside
        descriptor = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw OutputFailure(path, errno) }
    }

    deinit {
        guard let draft else { return }
        close(descriptor)
        if !isKept.withLock({ $0 }) { unlink(draft) }
    }

    /// Adds bytes.
    func write(_ bytes: [UInt8]) throws(OutputFailure) {
        var place = 0
        while place < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress.map { $0 + place }, buffer.count - place)
            }
            if count > 0 {
                place += count
            } else if errno != EINTR {
                throw OutputFailure(path, errno)
            }
        }
    }

    /// Puts the file into its place.
    func keep() throws(OutputFailure) {
        guard let draft else { return }
        guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw OutputFailure(path, errno) }
        isKept.withLock { $0 = true }
    }
}

/// A file that cannot be written.
struct OutputFailure: Error, CustomStringConvertible {
    let description: String

    init(_ path: String, _ code: Int32) {
        description = "cannot write \(path): \(systemReason(code))"
    }
}
