// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The proof that an agent is in a job's frozen set: an inclusion proof of RFC 9162, section 2.1.3.
package struct TargetPlace: Hashable, Sendable {
    /// Which leaf the agent is, from 0.
    package let index: UInt64
    /// The hashes beside the way from the leaf to the root, one after another.
    package let path: [UInt8]

    /// Makes a proof of its parts, which may come from anybody.
    package init(index: UInt64, path: [UInt8]) {
        self.index = index
        self.path = path
    }

    /// Whether the agent is in the set of `size` agents that `root` stands for.
    ///
    /// After RFC 9162, section 2.1.3.2.
    package func proves(_ agent: AgentID, isIn root: TargetHash, of size: UInt64) -> Bool {
        guard index < size, path.count.isMultiple(of: TargetHash.byteCount) else { return false }
        var node = index
        var last = size - 1
        var hash = TargetHash(leaf: agent)
        for start in stride(from: 0, to: path.count, by: TargetHash.byteCount) {
            guard last > 0, let sibling = TargetHash(bytes: path[start..<start + TargetHash.byteCount]) else {
                return false
            }
            if node & 1 == 1 || node == last {
                hash = TargetHash(over: sibling, hash)
                // Nodes without a sibling went up as they were.
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = TargetHash(over: hash, sibling)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }
}
