// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The frozen set of a job as a Merkle tree (RFC 9162, section 2.1): one hash that stands for all agents of the job, and
/// for each agent a short proof that it is among them.
///
/// So a job is signed once, and each delivery grows by 32 bytes for each doubling of the set: 320 bytes among 1,000 agents,
/// 448 among 10,000. Leaves are sorted by their hashes; a tree holds nothing but hashes, 64 bytes an agent.
package struct TargetTree: Sendable {
    private let levels: [[TargetHash]]

    /// Makes the tree of a set that has at least one agent; an agent that is given twice is in it once.
    package init(_ agents: some Sequence<AgentID>) {
        var level = agents.map { TargetHash(leaf: $0) }.sorted()
        for index in level.indices.dropFirst().reversed() where level[index] == level[index - 1] {
            level.remove(at: index)
        }
        precondition(!level.isEmpty, "a job has agents")
        var levels = [level]
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map { index in
                index + 1 < level.count ? TargetHash(over: level[index], level[index + 1]) : level[index]
            }
            levels.append(level)
        }
        self.levels = levels
    }

    /// How many agents there are.
    package var size: Int { levels[0].count }

    /// What stands for all of them.
    package var root: TargetHash { levels[levels.count - 1][0] }

    /// The proof that an agent is in the set; nil where it is not.
    package func place(of agent: AgentID) -> TargetPlace? {
        guard let index = index(of: TargetHash(leaf: agent)) else { return nil }
        var path: [UInt8] = []
        path.reserveCapacity(levels.count * TargetHash.byteCount)
        for (height, level) in levels.enumerated() {
            let sibling = index >> height ^ 1
            // The last of an odd number goes up as it is.
            if sibling < level.count { path += level[sibling].bytes }
        }
        return TargetPlace(index: UInt64(index), path: path)
    }

    private func index(of leaf: TargetHash) -> Int? {
        var low = 0
        var high = size
        while low < high {
            let middle = (low + high) / 2
            if levels[0][middle] < leaf { low = middle + 1 } else { high = middle }
        }
        return low < size && levels[0][low] == leaf ? low : nil
    }
}
