// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Randomness

/// The veth pair of a host: what goes wrong on it goes wrong in the kernel, and neither side is told.
struct NetworkLink: Link {
    /// The device of a host in its own namespace.
    static let device = "eth0"

    let host: NetworkNamespace
    let hub: NetworkNamespace
    /// The controller's end.
    let veth: String
    let address: String
    let loss: PacketLoss

    var prefix: [String] { host.prefix }

    func disturb(_ generator: inout SeededGenerator) throws -> String {
        try heal()
        let percent = Int.random(in: 2...40, using: &generator)
        switch (Int.random(in: 0..<3, using: &generator), loss) {
        case (0, _), (_, .none):
            try goDown()
            return "link down"
        case (1, .nftables(let nft, _)), (1, .netem(_, .some(let nft))):
            let direction = LinkDirection.allCases.randomElement(using: &generator) ?? .toAgent
            try lose(100, direction, by: nft)
            return "nothing \(direction.rawValue)"
        case (_, .nftables(let nft, _)):
            try lose(percent, nil, by: nft)
            return "\(percent) % lost"
        case (_, .netem(let tc, _)):
            let milliseconds = Int.random(in: 5...400, using: &generator)
            let words = [
                "loss", "\(percent)%", "delay", "\(milliseconds)ms", "\(milliseconds / 2)ms", "duplicate", "2%",
                "reorder", "10%",
            ]
            try hub.run(tc, ["qdisc", "replace", "dev", veth, "root", "netem"] + words)
            try host.run(tc, ["qdisc", "replace", "dev", Self.device, "root", "netem"] + words)
            return words.joined(separator: " ")
        }
    }

    /// Takes the link down; a partition without a reset.
    func goDown() throws { try hub.configure("link", "set", veth, "down") }

    /// Loses packets, in one direction or both.
    func lose(_ percent: Int, _ direction: LinkDirection? = nil, by nft: SystemProgram) throws {
        let rule = percent == 100 ? "counter drop" : "numgen random mod 100 < \(percent) counter drop"
        try host.run(nft, [PacketLoss.table(rule, direction: direction)])
    }

    /// How many packets have been lost since then.
    func dropped(by nft: SystemProgram) throws -> Int {
        let words = try host.run(nft, ["list ruleset"]).split(whereSeparator: \.isWhitespace)
        return zip(words, words.dropFirst()).filter { $0.0 == "packets" }.reduce(0) { $0 + (Int($1.1) ?? 0) }
    }

    func heal() throws {
        switch loss {
        case .none: break
        case .nftables(let nft, _): try host.run(nft, ["flush ruleset"])
        case .netem(let tc, let nft):
            if let nft { try host.run(nft, ["flush ruleset"]) }
            // There is nothing to delete where none was made.
            _ = try? hub.run(tc, ["qdisc", "del", "dev", veth, "root"])
            _ = try? host.run(tc, ["qdisc", "del", "dev", Self.device, "root"])
        }
        try hub.configure("link", "set", veth, "up")
    }

    /// Answers what is sent with a reset for a moment, where nftables can; else the link flaps.
    func reset() throws {
        switch loss {
        case .nftables(let nft, _), .netem(_, .some(let nft)):
            // Beside a table of losses, if there is one.
            try host.run(
                nft,
                [
                    """
                    table inet resets {
                        chain out {
                            type filter hook output priority -1
                            oifname "\(Self.device)" meta l4proto tcp reject with tcp reset
                        }
                    }
                    """
                ]
            )
            usleep(200_000)
            try host.run(nft, ["delete table inet resets"])
        default:
            try goDown()
            usleep(200_000)
            try hub.configure("link", "set", veth, "up")
        }
    }

    /// There is nothing to end: the namespaces are.
    func close() {}
}
