// SPDX-License-Identifier: Apache-2.0

/// Which addresses are counted together: an IPv4 address by itself, an IPv6 address with its /64, since a host has all of
/// those at hand.
enum AddressGroup {
    /// The group of an address in text form.
    static func of(_ address: String?) -> String {
        guard let address else { return "-" }
        guard address.contains(":") else { return address }
        let plain = address.prefix { $0 != "%" }
        // An IPv4 address in the clothes of IPv6.
        if plain.contains(".") { return String(plain.split(separator: ":").last ?? plain) }
        let sides = plain.split(separator: ":", omittingEmptySubsequences: false)
        guard let gap = sides.firstIndex(of: "") else { return sides.prefix(4).joined(separator: ":") }
        let head = sides[..<gap].filter { !$0.isEmpty }
        let tail = sides[gap...].filter { !$0.isEmpty }
        let zeros = Array(repeating: Substring("0"), count: max(0, 8 - head.count - tail.count))
        return (head + zeros + tail).prefix(4).joined(separator: ":")
    }
}
