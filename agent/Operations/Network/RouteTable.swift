// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// The kernel's main tables of routes, as /proc/net has them.
enum RouteTable {
    /// The routes in the text of `/proc/net/route`: addresses are the bytes of memory in hexadecimal digits.
    static func ipv4(_ text: String) -> [JSONValue] {
        text.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count >= 8, let flags = UInt32(fields[3], radix: 16), flags & up != 0,
                let destination = word(fields[1]), let gateway = word(fields[2]), let mask = word(fields[7])
            else { return nil }
            return [
                "family": "ipv4", "destination": .string(text4(destination)),
                "prefix": .int(Int64(mask.nonzeroBitCount)),
                "gateway": flags & hasGateway == 0 ? .null : .string(text4(gateway)),
                "interface": .string(String(fields[0])), "metric": .int(Int64(fields[6]) ?? 0),
            ]
        }
    }

    /// The routes in the text of `/proc/net/ipv6_route`, without those to the host itself and to groups.
    static func ipv6(_ text: String) -> [JSONValue] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            guard fields.count >= 10, let flags = UInt32(fields[8], radix: 16), flags & up != 0,
                flags & (isLocal | isAnycast | isReject) == 0, let prefix = Int64(fields[1], radix: 16),
                let destination = text6(fields[0]), !(destination.hasPrefix("ff") && prefix == 8),
                let gateway = text6(fields[4]), let metric = Int64(fields[5], radix: 16)
            else { return nil }
            return [
                "family": "ipv6", "destination": .string(destination), "prefix": .int(prefix),
                "gateway": flags & hasGateway == 0 ? .null : .string(gateway),
                "interface": .string(String(fields[9])), "metric": .int(metric),
            ]
        }
    }

    // include/uapi/linux/route.h and ipv6_route.h
    private static let up: UInt32 = 0x1
    private static let hasGateway: UInt32 = 0x2
    private static let isReject: UInt32 = 0x200
    private static let isAnycast: UInt32 = 0x0010_0000
    private static let isLocal: UInt32 = 0x8000_0000

    private static func word(_ text: Substring) -> UInt32? { UInt32(text, radix: 16) }

    private static func text4(_ word: UInt32) -> String {
        withUnsafeBytes(of: word) { $0.map { "\($0)" }.joined(separator: ".") }
    }

    private static func text6(_ digits: Substring) -> String? {
        let digits = Array(digits)
        guard digits.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 32, by: 2) {
            guard let byte = UInt8(String(digits[index...(index + 1)]), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            guard let start = buffer.baseAddress, inet_ntop(AF_INET6, bytes, start, 64) != nil else { return nil }
            return String(cString: start)
        }
    }
}
