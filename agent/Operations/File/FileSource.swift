// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Where the content of a file comes from.
enum FileSource: Sendable {
    /// A text that the job brings along.
    case text(String)
    /// Bytes that the job brings along.
    case bytes([UInt8])
    /// A stored object that is on the host.
    case object(ObjectFile)

    /// The content.
    ///
    /// - Throws: ``OperationError`` where it cannot be had.
    func content() throws(OperationError) -> [UInt8] {
        switch self {
        case .text(let text): Array(text.utf8)
        case .bytes(let bytes): bytes
        case .object(let file): try HostFile.bytes(file.path) ?? []
        }
    }

    /// The source of bytes in base64.
    ///
    /// - Throws: ``OperationError`` for what is none.
    static func base64(_ text: String) throws(OperationError) -> FileSource {
        guard let data = Data(base64Encoded: text) else {
            throw OperationError("invalid_parameters", "/content_base64: must be base64")
        }
        return .bytes(Array(data))
    }
}
