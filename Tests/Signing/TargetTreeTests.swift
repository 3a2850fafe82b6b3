// SPDX-License-Identifier: Apache-2.0

import Jobs
import Signing
import Testing

struct TargetTreeTests {
    private static func agents(_ count: Int) -> [AgentID] {
        (0..<count).map { AgentID("agent-\($0)") }
    }

    @Test(arguments: Array(1...40) + [64, 100, 127, 128, 129, 1000])
    func `each agent of a set is shown to be in it, and no other is`(size: Int) throws {
        let agents = Self.agents(size)
        let tree = TargetTree(agents)

        #expect(tree.size == size)
        for agent in agents {
            let place = try #require(tree.place(of: agent))
            #expect(place.proves(agent, isIn: tree.root, of: UInt64(size)))
            #expect(!place.proves(AgentID("stranger"), isIn: tree.root, of: UInt64(size)))
        }
        #expect(tree.place(of: AgentID("stranger")) == nil)
    }

    @Test func `a proof that was changed anywhere proves nothing`() throws {
        let agents = Self.agents(100)
        let tree = TargetTree(agents)
        let place = try #require(tree.place(of: agents[5]))
        let size = UInt64(tree.size)

        for byte in place.path.indices {
            var path = place.path
            path[byte] ^= 1
            #expect(!TargetPlace(index: place.index, path: path).proves(agents[5], isIn: tree.root, of: size))
        }
        for index in 0..<size + 5 where index != place.index {
            #expect(!TargetPlace(index: index, path: place.path).proves(agents[5], isIn: tree.root, of: size))
        }
        for count in [0, 1, 31, 32, place.path.count - 32] {
            let path = Array(place.path.prefix(count))
            #expect(!TargetPlace(index: place.index, path: path).proves(agents[5], isIn: tree.root, of: size))
        }
        let longer = place.path + Array(repeating: 0, count: 32)
        #expect(!TargetPlace(index: place.index, path: longer).proves(agents[5], isIn: tree.root, of: size))
        #expect(!place.proves(agents[5], isIn: TargetTree(Self.agents(99)).root, of: 99))
        #expect(!place.proves(agents[5], isIn: tree.root, of: 0))
    }

    @Test func `the set alone decides, not its order and not how often an agent is named`() {
        let agents = Self.agents(50)

        #expect(TargetTree(agents.reversed() + agents).root == TargetTree(agents).root)
        #expect(TargetTree(agents.dropLast()).root != TargetTree(agents).root)
    }

    @Test func `a proof among ten thousand agents has 448 bytes`() throws {
        let agents = Self.agents(10_000)
        let tree = TargetTree(agents)

        let sizes = try agents.map { try #require(tree.place(of: $0)).path.count }

        #expect(sizes.max() == 448)
    }

    @Test func `the tree of one, two and three agents is the one that is documented`() throws {
        let ids = [
            "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210", "00112233445566778899aabbccddeeff",
        ]

        let roots = (1...3).map { TargetTree(ids.prefix($0).map { AgentID($0) }).root.bytes.hexadecimal }

        #expect(roots == TestVectors.roots)
    }
}
