// SPDX-License-Identifier: Apache-2.0

// Secrets: values that only the agents of a job can read, and that are shown as `***` to everybody else.

extension JSONValue {
    /// The only member of an object that stands for a sealed value.
    public static let sealedMember = "$sealed"
    /// What is shown in the place of a secret.
    public static let secretMark = JSONValue.string("***")

    /// Whether this stands for a sealed value.
    public var isSealed: Bool {
        guard let members = object else { return false }
        return members.count == 1 && members[Self.sealedMember] != nil
    }

    /// The value with `***` for each sealed value in it.
    public var withoutSealed: JSONValue {
        if isSealed { return Self.secretMark }
        switch self {
        case .array(let elements): return .array(elements.map(\.withoutSealed))
        case .object(let members): return .object(members.mapValues(\.withoutSealed))
        case .null, .bool, .int, .double, .string: return self
        }
    }
}
