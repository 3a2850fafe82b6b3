// SPDX-License-Identifier: Apache-2.0

import Credentials

/// Addresses with the same first bits, as `10.0.0.0/8`, `fc00::/7` or a single address.
package struct AddressRange: Hashable, Sendable {
    private let bytes: [UInt8]
    private let bits: Int

    /// Reads a range; nil for what is none.
    ///
    /// - Parameter text: an IPv4 or IPv6 address, with `/` and how many bits count; all of them if left out.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = IPAddressText.bytes(String(parts[0])) else { return nil }
        let all = bytes.count * 8
        let bits = parts.count == 2 ? Int(parts[1]) ?? -1 : all
        guard (0...all).contains(bits) else { return nil }
        self.bytes = bytes
        self.bits = bits
    }

    /// Whether an address of 4 or 16 bytes is in the range.
    func contains(_ address: [UInt8]) -> Bool {
        guard address.count == bytes.count else { return false }
        let whole = bits / 8
        guard address.prefix(whole) == bytes.prefix(whole) else { return false }
        let rest = bits % 8
        return rest == 0 || (address[whole] ^ bytes[whole]) >> UInt8(8 - rest) == 0
    }
}
