// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// What the record holds of what a run's command wrote to one of its streams.
///
/// The data of a run has it as text, or in base64 where it is none; of much output it has the beginning and the end, with a
/// line between them that says how many bytes were left out.
public struct RunOutput: Hashable, Sendable {
    /// Where a command writes.
    public enum Stream: String, Codable, Sendable, CaseIterable, Hashable {
        /// Its results.
        case stdout
        /// Everything else.
        case stderr
    }

    /// What is held, as it was written.
    public let bytes: [UInt8]
    /// Whether it is text in UTF-8.
    public let isText: Bool
    /// How many bytes were written in all; nil where that was not told.
    public let totalBytes: Int?
    /// Whether some of them were left out.
    public let isTruncated: Bool
    /// The SHA-256 of all that was written, in hexadecimal digits; nil where that was not told.
    public let sha256: String?

    /// Makes an output of its parts.
    public init(bytes: [UInt8], isText: Bool, totalBytes: Int?, isTruncated: Bool, sha256: String?) {
        self.bytes = bytes
        self.isText = isText
        self.totalBytes = totalBytes
        self.isTruncated = isTruncated
        self.sha256 = sha256
    }

    /// The output that the data of a run has; nil where it has none, as that of an operation that is no command.
    ///
    /// - Parameters:
    ///   - stream: which one.
    ///   - data: what the operation told.
    public init?(_ stream: Stream, in data: JSONValue?) {
        let name = stream.rawValue
        guard let data, let text = data[name]?.string else { return nil }
        // What an agent calls base64 and is none is text all the same.
        let decoded = data["\(name)_encoding"]?.string == "base64" ? Data(base64Encoded: text) : nil
        bytes = decoded.map(Array.init) ?? Array(text.utf8)
        isText = decoded == nil
        totalBytes = data["\(name)_bytes"]?.int.flatMap { Int(exactly: $0) }
        isTruncated = data["\(name)_truncated"]?.bool ?? false
        sha256 = data["\(name)_sha256"]?.string
    }
}
