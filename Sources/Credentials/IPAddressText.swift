// SPDX-License-Identifier: Apache-2.0

import Glibc

/// IP addresses as bytes and as text.
package enum IPAddressText {
    /// The 4 or 16 bytes of an address; nil for what is none.
    package static func bytes(_ text: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, text, &four) == 1 { return withUnsafeBytes(of: &four) { [UInt8]($0) } }
        var six = in6_addr()
        if inet_pton(AF_INET6, text, &six) == 1 { return withUnsafeBytes(of: &six) { [UInt8]($0) } }
        return nil
    }

    /// The text of 4 or 16 bytes; nil for any other number.
    package static func text(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &buffer, socklen_t(buffer.count)) != nil else {
            return nil
        }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// What an address counts as, where it is to be counted who comes: of IPv6 its first 64 bits, since whoever has one has
    /// all behind them.
    package static func network(_ address: String) -> String {
        guard let bytes = bytes(address), bytes.count == 16 else { return address }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        if isMapped { return text(Array(bytes.suffix(4))) ?? address }
        return (text(Array(bytes.prefix(8)) + [UInt8](repeating: 0, count: 8)) ?? address) + "/64"
    }
}
