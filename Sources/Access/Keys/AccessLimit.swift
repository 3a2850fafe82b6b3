// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Where and with what a key may work, beside its scopes: a part of the fleet, some of the operations.
///
/// Labels are told by the agents themselves: a limit is as good as the hosts are honest about them.
public struct AccessLimit: Hashable, Sendable {
    /// The most patterns of operations that a limit has.
    public static let maximumOperations = 32
    /// No limit at all.
    public static let none = AccessLimit(target: nil as TargetExpression?, operations: nil)

    /// Every agent that is worked on must be selected by this; nil for the whole fleet.
    public let target: TargetExpression?
    /// Every operation must be meant by one of these; nil for all operations.
    public let operations: [OperationPattern]?

    private init(target: TargetExpression?, operations: [OperationPattern]?) {
        self.target = target
        self.operations = operations
    }

    /// Reads a limit.
    ///
    /// - Parameters:
    ///   - target: a target expression that does not choose (`_any`, `sample`); nil for the whole fleet.
    ///   - operations: patterns; nil for all operations.
    /// - Throws: ``AccessError`` where one of them cannot be used.
    public init(target: String?, operations: [String]?) throws(AccessError) {
        self.target = try target.map { (text) throws(AccessError) in try Self.expression(text) }
        guard let operations else {
            self.operations = nil
            return
        }
        guard (1...Self.maximumOperations).contains(operations.count) else {
            throw AccessError(.operations, "there are 1 to \(Self.maximumOperations) patterns of operations")
        }
        var patterns: [OperationPattern] = []
        for text in operations { patterns.append(try OperationPattern(text)) }
        self.operations = patterns
    }

    private static func expression(_ text: String) throws(AccessError) -> TargetExpression {
        let expression: TargetExpression
        do {
            expression = try TargetExpression(parsing: text)
        } catch {
            throw AccessError(.target, error.description)
        }
        guard !expression.isChoosing else {
            throw AccessError(.target, "a limit cannot choose among agents, as _any and sample do")
        }
        return expression
    }

    /// Whether there is nothing that is not allowed.
    public var isNone: Bool { target == nil && operations == nil }

    /// Whether the operation called `type` is allowed.
    public func allows(operation type: String) -> Bool {
        operations?.contains { $0.matches(type) } ?? true
    }

    /// Whether an agent may be worked on and seen.
    public func allows(_ agent: Agent) -> Bool {
        target?.contains(agent) ?? true
    }

    /// A target within this limit.
    ///
    /// One that chooses (`_any`, `sample`) chooses among the agents that are allowed, now and whenever the choice is
    /// made again. One that asks for labels or facts asks the agents that are allowed: the answer for others would tell
    /// what they are. A target by names alone stays as it is, since leaving out hosts without a word would be a trap.
    ///
    /// - Throws: `TargetError`.
    public func narrowed(_ expression: TargetExpression) throws(TargetError) -> TargetExpression {
        guard let target, expression.isChoosing || expression.asksAgents else { return expression }
        let own = expression.isChoosing ? expression.text : "(\(expression.text))"
        return try TargetExpression(parsing: "\(own) and (\(target.text))")
    }

    /// Whether nothing is allowed by `other` that is not allowed here, as far as the two texts say so: its target is the same,
    /// or this one is a part of it.
    public func covers(_ other: AccessLimit) -> Bool {
        let isTarget = target.map { target in
            other.target == target || other.target?.text.hasSuffix(") and (\(target.text))") == true
        }
        let isOperations = operations.map { own in
            other.operations?.allSatisfy { pattern in own.contains { $0.covers(pattern) } } ?? false
        }
        return isTarget ?? true && isOperations ?? true
    }

    /// What is left of `other` for a key that is made by one with this limit.
    ///
    /// - Throws: ``AccessError`` where `other` asks for operations that are not allowed here, or the two targets together
    ///   are too long.
    public func limiting(_ other: AccessLimit) throws(AccessError) -> AccessLimit {
        for pattern in other.operations ?? [] where !(operations?.contains { $0.covers(pattern) } ?? true) {
            throw AccessError(.operations, "'\(pattern.text)' is more than the key has that asks for it")
        }
        var both = other.target ?? target
        if let target, let own = other.target, own != target {
            both = try Self.expression("(\(own.text)) and (\(target.text))")
        }
        return AccessLimit(target: both, operations: other.operations ?? operations)
    }
}
