// SPDX-License-Identifier: Apache-2.0

/// An expression that selects agents: `env=prod and not web-3`.
///
/// A job's expression is resolved once, at its submission, into the frozen set of its runs. Resolving is pure: the same
/// expression, agents and seed give the same set. The language is described in `docs/targets.md`.
///
/// ```swift
/// let expression = try TargetExpression(parsing: "group=web and sample(10%)")
/// let agents = try expression.select(from: fleet, seed: 42)
/// ```
public struct TargetExpression: Hashable, Sendable {
    /// The most characters (Unicode code points) of an expression.
    public static let maximumLength = 4096
    /// How deep parentheses and `not` may be nested.
    public static let maximumDepth = 64

    /// The expression as it was given.
    public let text: String
    /// What all must hold.
    private let terms: [TargetNode]
    /// The choice among those for whom it does.
    private let pick: TargetPick?

    /// Reads an expression.
    ///
    /// - Parameter text: the expression.
    /// - Throws: ``TargetError`` with code `syntax`, `too_long`, `too_deep` or `misplaced`.
    public init(parsing text: String) throws(TargetError) {
        let length = text.unicodeScalars.count
        guard length <= Self.maximumLength else {
            throw TargetError(
                .tooLong,
                "the target has \(length) characters; at most \(Self.maximumLength) are allowed"
            )
        }
        self.text = text
        let root = try TargetParser.parse(text)
        (terms, pick) = try Self.split(root)
    }

    /// Whether it is for any one connected agent of those that it selects.
    public var isAny: Bool { pick == .anyConnected }

    /// Whether it chooses among the agents for whom all else holds, as `_any` and `sample` do.
    public var isChoosing: Bool { pick != nil }

    /// Whether labels or facts of agents decide.
    public var asksAgents: Bool { terms.contains(where: \.asksAgents) }

    /// The hosts by name, in lower case, of which alone any can be selected; nil where others may be as well.
    ///
    /// Among thousands of agents there is no need to look at all for one.
    public var onlyHosts: [String]? {
        for case .hosts(let hosts) in terms where hosts.globs.isEmpty { return Array(hosts.names.keys) }
        return nil
    }

    /// Whether all holds for an agent; it may still not be chosen where there is a choice.
    public func contains(_ agent: Agent) -> Bool {
        let hostname = agent.hostname.lowercased()
        return terms.allSatisfy { $0.holds(for: agent, hostname: hostname) }
    }

    /// Takes the one pick that may stand in the topmost `and` apart from the rest.
    private static func split(_ root: TargetNode) throws(TargetError) -> ([TargetNode], TargetPick?) {
        var all = [root]
        if case .every(let nodes) = root { all = nodes }
        var terms: [TargetNode] = []
        var pick: TargetPick?
        for node in all {
            guard case .pick(let own, let position) = node else {
                terms.append(node)
                continue
            }
            guard pick == nil else {
                throw TargetError(.misplaced, "only one of _any and sample can choose", position: position)
            }
            pick = own
        }
        for node in terms {
            guard let (misplaced, position) = node.firstPick else { continue }
            let message =
                "\(misplaced.name) chooses from the whole selection; it can only be joined to it with 'and', "
                + "outside of parentheses, 'or' and 'not'"
            throw TargetError(.misplaced, message, position: position)
        }
        return (terms, pick)
    }

    /// The agents that the expression selects.
    ///
    /// - Parameters:
    ///   - agents: all agents that there are.
    ///   - seed: for `_any` and for a `sample` that has no seed of its own.
    /// - Returns: the selected agents by hostname; at least one.
    /// - Throws: ``TargetError`` with code `nothing_selected` or `nothing_connected`.
    public func select(from agents: [Agent], seed: UInt64) throws(TargetError) -> [Agent] {
        let fitting = terms.allSatisfy { $0 == .all } ? agents : agents.filter(contains)
        let chosen = pick?.choose(from: fitting, seed: seed) ?? fitting
        guard !chosen.isEmpty else { throw emptySelection(fitting) }
        return chosen.sorted { ($0.hostname, $0.id) < ($1.hostname, $1.id) }
    }

    /// Why there is nobody, in words that help.
    private func emptySelection(_ fitting: [Agent]) -> TargetError {
        if pick == .anyConnected, !fitting.isEmpty || terms.isEmpty {
            // Those that are connected were passed over because they are drained.
            let isDrained = fitting.contains { $0.connected }
            let (condition, opposite) =
                isDrained ? ("connected and not drained", "drained") : ("connected", "not connected")
            if terms.isEmpty { return TargetError(.nothingConnected, "no agent is \(condition)") }
            let none = "none of the \(fitting.count) agents selected is \(condition)"
            return TargetError(.nothingConnected, fitting.count == 1 ? "the one agent selected is \(opposite)" : none)
        }
        if pick == nil, terms.count == 1, case .hosts(let hosts) = terms[0], let name = hosts.onlyName {
            return TargetError(.nothingSelected, "no agent is called '\(name)'")
        }
        if terms.allSatisfy({ $0 == .all }) {
            return TargetError(.nothingSelected, "no agent is known yet")
        }
        let shown = text.count > 200 ? text.prefix(200) + "…" : text[...]
        return TargetError(.nothingSelected, "no agent matches '\(shown)'")
    }
}
