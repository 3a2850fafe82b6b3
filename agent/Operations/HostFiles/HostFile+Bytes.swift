// SPDX-License-Identifier: Apache-2.0

import Glibc

extension HostFile {
    /// The most bytes of a file that operations edit or compare.
    static let editableBytes = 16 * 1024 * 1024

    /// All bytes of a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - limit: bytes at most.
    /// - Returns: the bytes; nil if there is no such file.
    /// - Throws: ``OperationError`` for what is no file, is longer, or cannot be read.
    static func bytes(_ path: String, limit: Int = editableBytes) throws(OperationError) -> [UInt8]? {
        guard let state = try FileState(at: path, following: true) else { return nil }
        guard state.kind == .file else {
            throw OperationError("not_a_file", "'\(path)' is a \(state.kind.rawValue), not a file")
        }
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw .system("cannot open '\(path)'", errno) }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(limit, Int(clamping: state.size)) + 1)
        while true {
            var failure: Int32 = 0
            let part = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                let read = Glibc.read(file.number, buffer.baseAddress, 65_536)
                if read < 0 { failure = errno }
                count = max(0, read)
            }
            if failure == EINTR { continue }
            guard failure == 0 else { throw .system("cannot read '\(path)'", failure) }
            if part.isEmpty { return bytes }
            bytes += part
            guard bytes.count <= limit else {
                throw OperationError("file_too_large", "'\(path)' has more than \(limit) bytes")
            }
        }
    }

    /// The text of a file; nil if there is no such file.
    ///
    /// - Throws: ``OperationError`` as ``bytes(_:limit:)``, and for what is no UTF-8.
    static func text(_ path: String) throws(OperationError) -> String? {
        guard let bytes = try bytes(path) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw OperationError("not_text", "'\(path)' is no UTF-8 text")
        }
        return text
    }
}
