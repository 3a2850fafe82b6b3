// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Symbolic links of the host.
enum HostLink {
    /// What a link says where it leads, unresolved; nil for what is no link.
    static func destination(of path: String) -> String? {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4096) { buffer in
            guard let start = buffer.baseAddress else { return nil }
            let count = start.withMemoryRebound(to: CChar.self, capacity: 4096) { readlink(path, $0, 4096) }
            return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    /// Puts a link in the place of whatever is at `path`, by a rename.
    ///
    /// - Throws: ``OperationError``; then what was there is as it was.
    static func put(_ path: String, to destination: String) throws(OperationError) {
        let draft = "\(path).broker-\(UInt64.random(in: .min ... .max))"
        guard symlink(destination, draft) == 0 else { throw .system("cannot make a link besides '\(path)'", errno) }
        guard rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw .system("cannot replace '\(path)'", code)
        }
    }
}
