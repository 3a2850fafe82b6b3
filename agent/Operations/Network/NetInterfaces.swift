// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `net.interfaces`: the network interfaces of the host.
struct NetInterfaces: ReadOperation {
    let type = "net.interfaces"

    /// How many interfaces, and how many addresses in all, are told of at most.
    private static let limit = 1000

    func read(_: NoParameters, in context: OperationContext) async throws -> JSONValue {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { throw OperationError.system("cannot ask for addresses", errno) }
        defer { freeifaddrs(list) }
        var interfaces = Interfaces()
        var next = list
        while let entry = next?.pointee, interfaces.count < Self.limit {
            next = entry.ifa_next
            interfaces.add(entry)
        }
        return ["interfaces": .array(interfaces.told), "truncated": .bool(next != nil)]
    }

    private struct Interfaces {
        private var names: [String] = []
        private var flags: [String: UInt32] = [:]
        private var addresses: [String: [JSONValue]] = [:]
        private(set) var count = 0

        mutating func add(_ entry: ifaddrs) {
            guard let name = entry.ifa_name.map({ String(cString: $0) }) else { return }
            count += 1
            if flags[name] == nil { names.append(name) }
            flags[name] = entry.ifa_flags
            guard let address = entry.ifa_addr, let told = Self.address(address, mask: entry.ifa_netmask) else {
                return
            }
            addresses[name, default: []].append(told)
        }

        private static func address(
            _ address: UnsafeMutablePointer<sockaddr>,
            mask: UnsafeMutablePointer<sockaddr>?
        ) -> JSONValue? {
            let isOld = Int32(address.pointee.sa_family) == AF_INET
            guard isOld || Int32(address.pointee.sa_family) == AF_INET6 else { return nil }
            let length = isOld ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            guard let text = NumericAddress.text(of: address, socklen_t(length)) else { return nil }
            // The address itself lies behind family and port, and in IPv6 behind the flow.
            let bits = isOld ? 4..<8 : 8..<24
            let prefix = mask.map { mask in
                UnsafeRawBufferPointer(start: mask, count: length)[bits].reduce(0) { $0 + $1.nonzeroBitCount }
            }
            return [
                "address": .string(text), "family": isOld ? "ipv4" : "ipv6",
                "prefix": .int(Int64(prefix ?? (isOld ? 32 : 128))),
            ]
        }

        var told: [JSONValue] {
            names.map { name in
                let flags = flags[name] ?? 0
                let mac = Self.line(name, "address").flatMap { $0.isEmpty || $0 == "00:00:00:00:00:00" ? nil : $0 }
                return [
                    "name": .string(name), "index": .int(Int64(if_nametoindex(name))),
                    "up": .bool(flags & UInt32(IFF_UP) != 0),
                    "loopback": .bool(flags & UInt32(IFF_LOOPBACK) != 0),
                    "state": Self.line(name, "operstate").map(JSONValue.string) ?? .null,
                    "mac": mac.map(JSONValue.string) ?? .null,
                    "mtu": Self.line(name, "mtu").flatMap { Int64($0) }.map(JSONValue.int) ?? .null,
                    "addresses": .array(addresses[name] ?? []),
                ]
            }
        }

        private static func line(_ name: String, _ file: String) -> String? {
            HostFile.read("/sys/class/net/\(name)/\(file)")?.split(separator: "\n").first.map(String.init)
        }
    }
}
