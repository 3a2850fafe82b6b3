// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with a JSON document, and where.
public struct Fault: Error, Codable, Hashable, Sendable {
    /// The place: a JSON Pointer (RFC 6901); empty for the whole document.
    public let pointer: String
    /// What is wrong there, in words.
    public let detail: String

    /// Makes a fault of its place and its description.
    public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}
