// SPDX-License-Identifier: Apache-2.0

import Credentials
import Glibc

/// What this host is called, and the addresses it has.
enum HostNames {
    /// What the system calls it; nil where it does not say.
    static var own: String? {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return nil }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.isEmpty ? nil : name
    }

    /// Its addresses, loopback ones included, those that are good for one link only left out.
    static var addresses: [String] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var found: [String] = []
        var next = first
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, let text = text(of: address), !found.contains(text) else { continue }
            found.append(text)
        }
        return found
    }

    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { IPAddressText.text(Array($0)) }
            }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { bytes in
                    let isLinkLocal = bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
                    return isLinkLocal ? nil : IPAddressText.text(Array(bytes))
                }
            }
        default: nil
        }
    }
}
