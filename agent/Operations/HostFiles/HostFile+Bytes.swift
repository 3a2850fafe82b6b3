// SPDX-License-Identifier: Apache-2.0

extension HostFile {
    /// The most bytes of a file that operations edit or compare line by line.
    static let editableBytes = 16 * 1024 * 1024

    /// All bytes of a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - following: whether a link is followed; only where nobody but root can put one.
    ///   - limit: bytes at most.
    /// - Returns: the bytes; nil if there is no such file.
    /// - Throws: ``OperationError`` for what is no file, is longer, or cannot be read.
    static func bytes(
        _ path: String,
        following: Bool = false,
        limit: Int = editableBytes
    ) throws(OperationError) -> [UInt8]? {
        try OpenFile.at(path, following: following)?.bytes(limit: limit)
    }

    /// The text of a file; nil if there is no such file.
    ///
    /// - Throws: ``OperationError`` as ``bytes(_:following:limit:)``, and for what is no UTF-8.
    static func text(_ path: String, following: Bool = false) throws(OperationError) -> String? {
        guard let bytes = try bytes(path, following: following) else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw OperationError("not_text", "'\(path)' is no UTF-8 text")
        }
        return text
    }
}
