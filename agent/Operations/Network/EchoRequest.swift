// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An ICMP echo request (RFC 792, RFC 4443) and the answer to it.
struct EchoRequest {
    /// The type of the request; that of the answer is another one.
    private let isIPv6: Bool
    private let identifier: UInt16
    private let sequence: UInt16
    /// What nobody else has in their requests: the answer brings it back.
    private let token: UInt64

    /// Makes a request.
    init(family: Int32, identifier: UInt16, sequence: UInt16, token: UInt64) {
        isIPv6 = family == AF_INET6
        self.identifier = identifier
        self.sequence = sequence
        self.token = token
    }

    /// The bytes of it.
    var bytes: [UInt8] {
        let head: [UInt8] = [isIPv6 ? 128 : 8, 0, 0, 0]
        var bytes = head + Self.bytes(identifier) + Self.bytes(sequence) + Self.bytes(token)
        // In IPv6 the kernel does this, since the addresses are part of it.
        if !isIPv6 { bytes.replaceSubrange(2..<4, with: Self.bytes(Self.checksum(bytes))) }
        return bytes
    }

    /// Whether what came is the answer; it may have its IPv4 header before it.
    func isAnswered(by packet: some Collection<UInt8>) -> Bool {
        var answer = Array(packet)
        if !isIPv6, let first = answer.first, first >> 4 == 4 {
            answer.removeFirst(min(answer.count, Int(first & 15) * 4))
        }
        // The identifier may be one of the kernel's choice.
        return answer.count >= 16 && answer[0] == (isIPv6 ? 129 : 0) && Array(answer[6..<8]) == Self.bytes(sequence)
            && Array(answer[8..<16]) == Self.bytes(token)
    }

    /// The checksum of the internet (RFC 1071).
    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
        }
        while sum > 0xFFFF { sum = sum >> 16 + sum & 0xFFFF }
        return ~UInt16(sum)
    }

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
