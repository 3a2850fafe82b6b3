// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation

/// How packets can be lost on the way between two namespaces, as far as the kernel and its tools allow.
enum PacketLoss: Sendable {
    /// The qdisc netem, which delays, doubles and turns round as well.
    case netem(tc: SystemProgram, nft: SystemProgram?)
    /// A rule of nftables that drops packets at random.
    case nftables(SystemProgram, reason: String)
    /// Nothing.
    case none(reason: String)

    /// What there is in a namespace.
    static func available(in namespace: NetworkNamespace) -> PacketLoss {
        let (nft, withoutNFT) = nftables(in: namespace)
        guard let tc = SystemProgram("tc") else {
            return available(nft, "there is no 'tc' (Debian: iproute2)", withoutNFT)
        }
        do {
            try namespace.run(tc, ["qdisc", "add", "dev", "lo", "root", "netem", "loss", "1%"])
            try namespace.run(tc, ["qdisc", "del", "dev", "lo", "root"])
            return .netem(tc: tc, nft: nft)
        } catch {
            return available(nft, "netem is not to be had: \(error)", withoutNFT)
        }
    }

    private static func available(_ nft: SystemProgram?, _ reason: String, _ withoutNFT: String) -> PacketLoss {
        nft.map { .nftables($0, reason: reason) } ?? .none(reason: "\(reason); \(withoutNFT)")
    }

    /// nftables if it can drop at random, or why it cannot.
    private static func nftables(in namespace: NetworkNamespace) -> (SystemProgram?, reason: String) {
        guard let nft = SystemProgram("nft") else { return (nil, "there is no 'nft' (Debian: nftables)") }
        do {
            try namespace.run(nft, [table("numgen random mod 1000 < 1 counter drop")])
            try namespace.run(nft, ["delete table inet faults"])
            return (nft, "")
        } catch {
            return (nil, "nftables cannot drop at random: \(error)")
        }
    }

    /// A table of nftables with one rule for all that comes and goes on the device of a host.
    static func table(_ rule: String, direction: LinkDirection? = nil) -> String {
        let input = "chain in { type filter hook input priority 0; iifname \"\(NetworkLink.device)\" \(rule); }\n"
        let output = "chain out { type filter hook output priority 0; oifname \"\(NetworkLink.device)\" \(rule); }\n"
        return "table inet faults {\n"
            + (direction == .toController ? "" : input) + (direction == .toAgent ? "" : output) + "}"
    }

    /// nftables, where there is that.
    var nft: SystemProgram? {
        switch self {
        case .netem(_, let nft): nft
        case .nftables(let nft, _): nft
        case .none: nil
        }
    }

    /// For whoever reads what a test did.
    var description: String {
        switch self {
        case .netem: "packets are lost, delayed, doubled and turned round by tc netem"
        case .nftables(_, let reason): "packets are lost at random by nftables, and not delayed: \(reason)"
        case .none(let reason): "NO PACKETS ARE LOST, links only go down and up: \(reason)"
        }
    }
}
