// SPDX-License-Identifier: Apache-2.0

/// A parsed target expression, as a tree.
indirect enum TargetNode: Hashable, Sendable {
    case all
    case hosts(TargetHosts)
    case condition(TargetCondition)
    case not(TargetNode)
    case every([TargetNode])
    case either([TargetNode])
    /// A choice among what the rest selects; `position` is where it stands in the text.
    case pick(TargetPick, position: Int)

    /// Whether an agent fits.
    ///
    /// - Parameters:
    ///   - agent: the agent.
    ///   - hostname: its hostname in lower case.
    /// - Returns: whether it fits; a pick takes everybody, since the choice is made afterwards, over all that fit.
    func holds(for agent: Agent, hostname: String) -> Bool {
        switch self {
        case .all, .pick: true
        case .hosts(let hosts): hosts.contain(hostname)
        case .condition(let condition): condition.holds(for: agent)
        case .not(let node): !node.holds(for: agent, hostname: hostname)
        case .every(let nodes): nodes.allSatisfy { $0.holds(for: agent, hostname: hostname) }
        case .either(let nodes): nodes.contains { $0.holds(for: agent, hostname: hostname) }
        }
    }

    /// Whether labels or facts of agents decide.
    var asksAgents: Bool {
        switch self {
        case .condition: true
        case .all, .hosts, .pick: false
        case .not(let node): node.asksAgents
        case .every(let nodes), .either(let nodes): nodes.contains(where: \.asksAgents)
        }
    }

    /// The first pick in this tree, with its place.
    var firstPick: (pick: TargetPick, position: Int)? {
        switch self {
        case .all, .hosts, .condition: return nil
        case .pick(let pick, let position): return (pick, position)
        case .not(let node): return node.firstPick
        case .every(let nodes), .either(let nodes):
            for node in nodes {
                if let found = node.firstPick { return found }
            }
            return nil
        }
    }
}

/// Hosts by name: a set, so that a list of thousands of names is looked up and not walked through.
struct TargetHosts: Hashable, Sendable {
    /// The names in lower case, each with the way it was written.
    private(set) var names: [String: String] = [:]
    private(set) var globs: [GlobPattern] = []

    /// One host, or those of a pattern.
    init(word: String, at position: Int) throws(TargetError) {
        if GlobPattern.isPattern(word) {
            globs = [try GlobPattern(word.lowercased(), at: position)]
        } else {
            names = [word.lowercased(): word]
        }
    }

    /// One host whose name was quoted.
    init(literally name: String) {
        names = [name.lowercased(): name]
    }

    /// The name, where there is just one and no pattern.
    var onlyName: String? {
        names.count == 1 && globs.isEmpty ? names.first?.value : nil
    }

    mutating func formUnion(_ other: TargetHosts) {
        names.merge(other.names) { own, _ in own }
        globs += other.globs
    }

    /// Whether a hostname, given in lower case, is one of these.
    func contain(_ hostname: String) -> Bool {
        names[hostname] != nil || globs.contains { $0.matches(hostname) }
    }
}
