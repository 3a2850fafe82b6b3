// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension SysctlKey {
    /// The value in the running kernel, with one space between its parts; nil where the kernel has no such setting.
    ///
    /// - Throws: ``OperationError`` for one that cannot be read, or that is a directory of settings.
    func value() throws(OperationError) -> String? {
        guard let bytes = try HostFile.bytes(path, limit: 65_536) else { return nil }
        return Self.plain(String(decoding: bytes, as: UTF8.self))
    }

    /// A value with one space between its parts, and none around them.
    static func plain(_ value: String) -> String {
        value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Gives the running kernel a value.
    ///
    /// - Throws: ``OperationError`` where it refuses it, or makes another one of it.
    func set(_ value: String) throws(OperationError) {
        let number = open(path, O_WRONLY | O_CLOEXEC)
        guard number >= 0 else { throw .system("cannot set '\(name)'", errno) }
        let file = FileDescriptor(owning: number)
        let bytes = Array((value + "\n").utf8)
        // The kernel takes a value with one write or not at all.
        guard write(file.number, bytes, bytes.count) == bytes.count else {
            let reason = SystemError.reason(errno)
            throw OperationError("value_refused", "the kernel refuses '\(value)' for '\(name)': \(reason)")
        }
        let taken = try self.value() ?? ""
        guard taken == value else {
            let message = "the kernel has made '\(taken)' of '\(value)' for '\(name)'; give it the value that it takes"
            throw OperationError("value_refused", message)
        }
    }
}
