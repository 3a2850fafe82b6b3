// SPDX-License-Identifier: Apache-2.0

/// One thing that is wrong with a request, and where: in its body, or in a parameter of its query.
public struct ProblemFault: Codable, Hashable, Sendable {
    /// The place in the body: a JSON Pointer (RFC 6901), empty for the whole of it; nil where it is none of the body.
    public let pointer: String?
    /// The name of the parameter; nil where it is none.
    public let parameter: String?
    /// What is wrong there, in words.
    public let detail: String

    /// A fault of a place in the body.
    public init(pointer: String, detail: String) {
        self.pointer = pointer
        parameter = nil
        self.detail = detail
    }

    /// A fault of a parameter.
    public init(parameter: String, detail: String) {
        pointer = nil
        self.parameter = parameter
        self.detail = detail
    }

    /// A fault of the JSON of the body.
    public init(_ fault: Fault) {
        self.init(pointer: fault.pointer, detail: fault.detail)
    }

    /// The place for people; empty for the whole body.
    public var place: String { parameter ?? pointer ?? "" }
}
