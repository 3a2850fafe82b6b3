// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The proxy does what its faults say; otherwise a campaign would be a quiet day.
@Suite(.timeLimit(.minutes(10)))
struct FaultyLinkTests {
    /// A link with one connection through it, and both of its ends.
    private struct Line {
        let link: FaultyLink
        let agent: Descriptor
        let controller: Descriptor

        init() throws {
            let (listener, port) = try Descriptor.listening()
            link = try FaultyLink(to: port)
            agent = try #require(Descriptor.connected(port: link.port))
            var accepted: Descriptor?
            for _ in 0..<200 where accepted == nil { accepted = listener.accepted() }
            controller = try #require(accepted)
        }

        /// What arrives within a while.
        static func take(_ end: Descriptor, _ count: Int, looks: Int = 100) -> [UInt8] {
            var bytes: [UInt8] = []
            for _ in 0..<looks where bytes.count < count {
                if case .bytes(let more) = end.take() { bytes += more }
            }
            return bytes
        }
    }

    @Test(arguments: [LinkFault.none, .delay(milliseconds: 50), .dribble])
    func `bytes arrive in order, however slowly`(_ fault: LinkFault) throws {
        let line = try Line()
        defer { line.link.close() }
        line.link.fault = fault

        _ = line.agent.give([1, 2, 3])
        _ = line.controller.give([4, 5])

        #expect(Line.take(line.controller, 3) == [1, 2, 3])
        #expect(Line.take(line.agent, 2) == [4, 5])
    }

    @Test(arguments: [LinkFault.blackHole, .hold(.toController)])
    func `what is held comes after the healing`(_ fault: LinkFault) throws {
        let line = try Line()
        defer { line.link.close() }
        line.link.fault = fault
        // A thread may already be waiting for bytes when the fault is set.
        usleep(100_000)

        _ = line.agent.give([1, 2, 3])
        #expect(Line.take(line.controller, 3, looks: 5) == [])
        line.link.fault = .none

        #expect(Line.take(line.controller, 3) == [1, 2, 3])
    }

    @Test func `what is discarded in one direction never comes, and the other direction lives`() throws {
        let line = try Line()
        defer { line.link.close() }
        line.link.fault = .discard(.toController)

        _ = line.agent.give([1, 2, 3])
        _ = line.controller.give([4])
        #expect(Line.take(line.agent, 1) == [4])
        usleep(200_000)
        line.link.fault = .none
        _ = line.agent.give([5])

        #expect(Line.take(line.controller, 1) == [5])
    }

    @Test func `a reset ends both sides, and whoever is refused is reset as well`() throws {
        let line = try Line()
        defer { line.link.close() }

        line.link.reset()

        for end in [line.agent, line.controller] {
            var isEnded = false
            for _ in 0..<100 where !isEnded {
                if case .end = end.take() { isEnded = true }
            }
            #expect(isEnded)
        }
        line.link.fault = .refuse
        let refused = try #require(Descriptor.connected(port: line.link.port))
        var isEnded = false
        for _ in 0..<100 where !isEnded {
            if case .end = refused.take() { isEnded = true }
        }
        #expect(isEnded)
    }
}
