// SPDX-License-Identifier: Apache-2.0

/// A port of a container that can be reached from outside: `[ADDRESS:]PORT:PORT[/tcp|/udp]`, that of the host first.
package struct PublishedPort: Hashable, Sendable {
    /// At which address of the host; empty for all.
    package let address: String
    /// The port of the host.
    package let port: UInt16
    /// That of the container, with the protocol: `80/tcp`.
    package let target: String

    /// Reads the text; nil for anything else.
    package init?(_ text: String) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        let kind = halves.count == 2 ? halves[1] : "tcp"
        guard halves.count <= 2, ["tcp", "udp"].contains(kind), let colon = halves[0].lastIndex(of: ":"),
            let inner = UInt16(halves[0][halves[0].index(after: colon)...]), inner > 0
        else { return nil }
        let outside = halves[0][..<colon]
        let mark = outside.lastIndex(of: ":")
        guard let port = UInt16(mark.map { outside[outside.index(after: $0)...] } ?? outside), port > 0 else {
            return nil
        }
        var address = mark.map { outside[..<$0] } ?? ""
        if address.hasPrefix("["), address.hasSuffix("]") { address = address.dropFirst().dropLast() }
        guard address.utf8.allSatisfy({ $0.isASCIIAlphanumeric || ".:".utf8.contains($0) }) else { return nil }
        (self.address, self.port, target) = (String(address), port, "\(inner)/\(kind)")
    }
}
