// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file in the making, in the directory of the file whose place it is to take.
struct FileDraft: Sendable {
    /// Where it is; nobody else can read it until it is given a mode.
    let path: String
    private let number: Int32

    /// Makes an empty one.
    ///
    /// - Throws: ``OperationError`` where the directory is not there or cannot be written.
    init(besides target: String) throws(OperationError) {
        guard let draft = HostPath.draft(besides: target) else {
            throw OperationError("not_a_file", "'\(target)' names no file")
        }
        path = draft
        number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw .system("cannot write beside '\(target)'", errno) }
    }

    /// Writes the content.
    func fill(_ content: [UInt8]) throws(OperationError) {
        var written = 0
        while written < content.count {
            let count = content.withUnsafeBytes { bytes in
                Glibc.write(number, bytes.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("cannot write '\(path)'", errno) }
            written += count
        }
    }

    /// Gives it an owner and a group; nil for no change.
    func setOwner(uid: UInt32?, gid: UInt32?) throws(OperationError) {
        guard uid != nil || gid != nil else { return }
        guard fchown(number, uid ?? UInt32.max, gid ?? UInt32.max) == 0 else {
            throw .system("cannot give '\(path)' its owner", errno)
        }
    }

    /// Gives it its mode.
    func setMode(_ mode: UInt32) throws(OperationError) {
        guard fchmod(number, mode) == 0 else { throw .system("cannot give '\(path)' its mode", errno) }
    }

    /// Takes the place of `target`, and is on the disk from then on.
    func take(_ target: String) throws(OperationError) {
        guard fsync(number) == 0 else { throw .system("cannot write '\(path)'", errno) }
        guard rename(path, target) == 0 else { throw .system("cannot replace '\(target)'", errno) }
        close(number)
        // The name as well.
        let parent = String(target[..<(target.lastIndex(of: "/") ?? target.startIndex)])
        let directory = open(parent + "/", O_RDONLY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            close(directory)
        }
    }

    /// Takes it away.
    func discard() {
        unlink(path)
        close(number)
    }
}
