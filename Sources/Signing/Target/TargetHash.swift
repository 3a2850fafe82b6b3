// SPDX-License-Identifier: Apache-2.0

import Crypto
package import Jobs

/// A SHA-256 in a tree of agents.
///
/// The leaves and nodes are those of RFC 9162, section 2.1.1: a leaf is the hash of a zero byte and the text of the agent's
/// id, a node that of a byte 1 and the two hashes below it. So no node passes for a leaf.
package struct TargetHash: Hashable, Sendable {
    /// Bytes of a hash.
    package static let byteCount = 32

    private static let leafMark: UInt8 = 0
    private static let nodeMark: UInt8 = 1

    private let first: UInt64
    private let second: UInt64
    private let third: UInt64
    private let fourth: UInt64

    /// The leaf of an agent.
    package init(leaf agent: AgentID) {
        var hasher = SHA256()
        withUnsafeBytes(of: Self.leafMark) { hasher.update(bufferPointer: $0) }
        var text = agent.text
        text.withUTF8 { hasher.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        self.init(hasher.finalize())
    }

    /// The node over two others.
    init(over left: TargetHash, _ right: TargetHash) {
        var hasher = SHA256()
        withUnsafeBytes(of: Self.nodeMark) { hasher.update(bufferPointer: $0) }
        withUnsafeBytes(of: left) { hasher.update(bufferPointer: $0) }
        withUnsafeBytes(of: right) { hasher.update(bufferPointer: $0) }
        self.init(hasher.finalize())
    }

    /// Reads the 32 bytes of a hash; nil where there are more or fewer.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(Array(bytes))
    }

    private init(_ digest: SHA256.Digest) {
        self = digest.withUnsafeBytes { $0.loadUnaligned(as: TargetHash.self) }
    }

    private init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { $0.loadUnaligned(as: TargetHash.self) }
    }

    /// Its 32 bytes.
    package var bytes: [UInt8] { withUnsafeBytes(of: self) { Array($0) } }
}

extension TargetHash: Comparable {
    /// Orders by the bytes.
    package static func < (left: TargetHash, right: TargetHash) -> Bool {
        if left.first != right.first { return left.first.bigEndian < right.first.bigEndian }
        if left.second != right.second { return left.second.bigEndian < right.second.bigEndian }
        if left.third != right.third { return left.third.bigEndian < right.third.bigEndian }
        return left.fourth.bigEndian < right.fourth.bigEndian
    }
}
