// SPDX-License-Identifier: Apache-2.0

import CNNG
import Glibc

/// Where a connection over TCP comes from.
package struct RemoteAddress: Hashable, Sendable {
    /// The IP address as text, for example `127.0.0.1` or `::1`.
    package let host: String
    /// The peer's port.
    package let port: UInt16

    /// Names an address.
    ///
    /// - Parameters:
    ///   - host: the IP address as text.
    ///   - port: the peer's port.
    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Reads nng's form; nil for transports other than IP.
    init?(_ address: nng_sockaddr) {
        switch unsafe UInt32(address.s_family) {
        case NNG_AF_INET.rawValue:
            let inet = unsafe address.s_in
            port = UInt16(bigEndian: inet.sa_port)
            host = Self.text(of: inet.sa_addr, family: AF_INET)
        case NNG_AF_INET6.rawValue:
            let inet = unsafe address.s_in6
            port = UInt16(bigEndian: inet.sa_port)
            host = Self.text(of: inet.sa_addr, family: AF_INET6)
        default:
            return nil
        }
    }

    private static func text<Bytes>(of bytes: Bytes, family: Int32) -> String {
        let length = Int(INET6_ADDRSTRLEN)
        return unsafe withUnsafeBytes(of: bytes) { source in
            unsafe String(unsafeUninitializedCapacity: length) { target in
                guard let start = target.baseAddress else { return 0 }
                return unsafe start.withMemoryRebound(to: CChar.self, capacity: length) { text in
                    guard unsafe inet_ntop(family, source.baseAddress, text, socklen_t(length)) != nil else { return 0 }
                    return unsafe strlen(text)
                }
            }
        }
    }
}

extension RemoteAddress: CustomStringConvertible {
    /// `host:port`, with brackets around an IPv6 address.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
