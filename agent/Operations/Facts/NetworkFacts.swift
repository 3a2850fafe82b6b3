// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Finds the network interfaces of the host and their addresses.
enum NetworkFacts {
    /// How many interfaces, and how many addresses, are told of at most.
    static let limit = 64

    /// `addresses` and `interfaces`, without what leads nowhere: loopback and link-local addresses.
    static func collect(root: String) -> [String: JSONValue] {
        let found = addresses()
        var names: [String] = []
        for entry in found where !names.contains(entry.interface) { names.append(entry.interface) }
        let interfaces = names.prefix(limit).map { name in
            var members: [String: JSONValue] = ["name": .string(name)]
            members["addresses"] = .array(found.filter { $0.interface == name }.map { .string($0.address) })
            let hardware = HostFile.read("\(root)/sys/class/net/\(name)/address")?.split(separator: "\n").first
            members["mac"] = hardware.map { .string(String($0)) }
            return JSONValue.object(members)
        }
        return ["addresses": .array(found.map { .string($0.address) }), "interfaces": .array(Array(interfaces))]
    }

    private static func addresses() -> [(interface: String, address: String)] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [(interface: String, address: String)] = []
        var next = list
        while let entry = next?.pointee, found.count < limit {
            next = entry.ifa_next
            guard let name = entry.ifa_name, let address = entry.ifa_addr, let text = text(of: address) else {
                continue
            }
            found.append((String(cString: name), text))
        }
        return found
    }

    /// The text of an address that others can reach; nil for any other.
    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let length: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress,
                getnameinfo(address, socklen_t(length), start, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
            else { return nil }
            let text = String(cString: start)
            return isReachable(text) ? text : nil
        }
    }

    /// Whether an address means something to other hosts.
    static func isReachable(_ address: String) -> Bool {
        let isLoopback = address == "::1" || address.hasPrefix("127.")
        let isLinkLocal = address.hasPrefix("169.254.") || address.lowercased().hasPrefix("fe80:")
        return !isLoopback && !isLinkLocal
    }
}
