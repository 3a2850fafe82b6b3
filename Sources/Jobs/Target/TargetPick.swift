// SPDX-License-Identifier: Apache-2.0

/// A choice among the agents that the rest of an expression selects.
enum TargetPick: Hashable, Sendable {
    /// How many a sample takes.
    enum Amount: Hashable, Sendable {
        case count(Int)
        /// A share in thousandths of a percent, so that `0.7%` is exact.
        case share(Int)

        /// How many of `total`: a share is rounded down, and at least 1 of a set that is not empty.
        func of(_ total: Int) -> Int {
            switch self {
            case .count(let count): min(count, total)
            case .share(let share): max(min(1, total), total * share / 100_000)
            }
        }
    }

    /// One that is connected and takes new work.
    case anyConnected
    case sample(Amount, seed: UInt64?)

    /// The name as it is written in an expression.
    var name: String {
        switch self {
        case .anyConnected: "_any"
        case .sample: "sample"
        }
    }

    /// Chooses among `agents`.
    ///
    /// Each agent has a rank that hangs on the seed and on its own id alone. So one seed gives one choice, and an agent
    /// that comes or goes moves at most one place of it.
    ///
    /// - Parameters:
    ///   - agents: those that the rest selects.
    ///   - seed: used where the expression gives none.
    /// - Returns: the choice; empty if there is nobody to choose from.
    func choose(from agents: [Agent], seed: UInt64) -> [Agent] {
        switch self {
        case .anyConnected: Self.lowest(1, of: agents.filter { $0.connected && $0.drain == nil }, seed: seed)
        case .sample(let amount, let own): Self.lowest(amount.of(agents.count), of: agents, seed: own ?? seed)
        }
    }

    private static func lowest(_ count: Int, of agents: [Agent], seed: UInt64) -> [Agent] {
        guard count < agents.count else { return agents }
        let ranked = agents.map { (rank: rank(of: $0.id, seed: seed), agent: $0) }
        let sorted = ranked.sorted { ($0.rank, $0.agent.id) < ($1.rank, $1.agent.id) }
        return sorted.prefix(count).map(\.agent)
    }

    /// FNV-1a over the id, mixed with the seed; not `Hasher`, which gives other values in every process.
    private static func rank(of id: AgentID, seed: UInt64) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in id.text.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
        return splitMix64(hash ^ splitMix64(seed))
    }

    /// The mixing step of SplitMix64 (Steele, Lea, Flood 2014).
    private static func splitMix64(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
