// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Glibc

/// A file that is written beside its place, and put there when it is whole: what is half done never looks like all of it.
///
/// What is no regular file, such as a pipe or `/dev/null`, is written as it is.
struct OutputFile: Sendable {
    /// Why a file could not be written.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let path: String
    /// What is written meanwhile; nil where that is the file itself.
    private let draft: String?
    private let descriptor: Int32

    /// Opens what is written meanwhile.
    ///
    /// - Throws: ``UsageError`` where nothing can be written there.
    init(_ path: String) throws(UsageError) {
        var status = stat()
        let exists = stat(path, &status) == 0
        let kind = status.st_mode & S_IFMT
        if exists {
            guard kind != S_IFDIR else { throw Self.refusal(path, EISDIR) }
            guard access(path, W_OK) == 0 else { throw Self.refusal(path, errno) }
        }
        guard !exists || kind == S_IFREG else {
            self.path = path
            draft = nil
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Self.refusal(path, errno) }
            return
        }
        // A link stays one.
        self.path = exists ? Self.resolved(path) : path
        let name = self.path.split(separator: "/").last ?? ""
        guard !name.isEmpty, !path.hasSuffix("/") else { throw Self.refusal(path, ENOENT) }
        let draft = "\(self.path.dropLast(name.count)).\(name).\(getpid()).part"
        descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.refusal(path, errno) }
        self.draft = draft
        if exists { fchmod(descriptor, status.st_mode & 0o7777) }
    }

    /// Writes bytes.
    ///
    /// - Throws: ``Failure``.
    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw failure(errno)
            }
        }
    }

    /// Puts what was written in its place, once it is on the disk.
    ///
    /// - Throws: ``Failure``; then the file is as it was before, and what was written is still to be discarded.
    func finish() throws {
        if let draft {
            guard fsync(descriptor) == 0, rename(draft, path) == 0 else { throw failure(errno) }
        }
        close(descriptor)
    }

    /// Takes away what was written, in place of ``finish()``; nothing is in its place that was not before.
    func discard() {
        close(descriptor)
        if let draft { unlink(draft) }
    }

    private static func resolved(_ path: String) -> String {
        guard let text = realpath(path, nil) else { return path }
        defer { free(text) }
        return String(cString: text)
    }

    private func failure(_ number: Int32) -> Failure {
        Failure(description: "cannot write \(path): \(systemReason(number))")
    }

    private static func refusal(_ path: String, _ number: Int32) -> UsageError {
        UsageError("cannot write \(path): \(systemReason(number))")
    }
}
