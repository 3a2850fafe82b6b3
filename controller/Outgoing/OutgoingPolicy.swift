// SPDX-License-Identifier: Apache-2.0

import Credentials

/// Which addresses the controller may call for others, who can name URLs but are not to reach its own network by it.
///
/// Refused is what is not on the public internet: loopback, link-local (where clouds have their metadata), private, shared and
/// reserved ranges (the registries of RFC 6890), and IPv6 addresses that carry such an IPv4 address.
package struct OutgoingPolicy: Sendable {
    private let allowed: [AddressRange]

    /// Makes a policy.
    ///
    /// - Parameter allowed: ranges that are called although they are not public.
    package init(allowed: [AddressRange] = []) {
        self.allowed = allowed
    }

    private static let refused: [(AddressRange?, String)] = [
        ("0.0.0.0/8", "unspecified"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "shared"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"), ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "reserved"), ("192.88.99.0/24", "reserved"), ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "reserved"), ("198.51.100.0/24", "reserved"), ("203.0.113.0/24", "reserved"),
        ("224.0.0.0/4", "multicast"), ("240.0.0.0/4", "reserved"),
        ("::1", "loopback"), ("::/96", "unspecified"), ("fc00::/7", "private"), ("fe80::/10", "link-local"),
        ("fec0::/10", "private"), ("ff00::/8", "multicast"), ("100::/64", "reserved"), ("2001::/23", "reserved"),
        ("2001:db8::/32", "reserved"), ("3fff::/20", "reserved"),
    ].map { (AddressRange($0.0), $0.1) }

    /// Ranges of IPv6 whose addresses stand for one of IPv4, and where in them it is.
    private static let carriers: [(AddressRange?, offset: Int)] = [
        (AddressRange("::ffff:0:0/96"), 12), (AddressRange("64:ff9b::/96"), 12), (AddressRange("64:ff9b:1::/48"), 12),
        (AddressRange("2002::/16"), 2),
    ]

    /// Why an address is not called; nil where it is.
    ///
    /// - Parameter address: an IPv4 or IPv6 address; anything else is refused.
    /// - Returns: what kind of address it is, in a word.
    package func refusal(of address: String) -> String? {
        guard let bytes = IPAddressText.bytes(address) else { return "no address" }
        return refusal(of: bytes)
    }

    /// Whether an address is one that was allowed by name: there, plain HTTP is spoken as well.
    func isAllowedByName(_ address: String) -> Bool {
        guard let bytes = IPAddressText.bytes(address) else { return false }
        return allowed.contains { $0.contains(bytes) }
    }

    private func refusal(of address: [UInt8]) -> String? {
        if allowed.contains(where: { $0.contains(address) }) { return nil }
        if let carrier = Self.carriers.first(where: { $0.0?.contains(address) == true }) {
            return refusal(of: Array(address[carrier.offset..<carrier.offset + 4]))
        }
        return Self.refused.first { $0.0?.contains(address) == true }?.1
    }
}
