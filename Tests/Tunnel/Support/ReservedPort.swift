// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// A port of 127.0.0.1 on which nobody listens, and that nobody else is given meanwhile.
///
/// The socket is bound and does not listen, so connections are refused; a server that sets `SO_REUSEADDR` can listen on
/// the port beside it.
final class ReservedPort: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, size) == 0 ? getsockname(descriptor, generic, &size) : -1
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        try #require(result == 0)
    }

    deinit {
        close(descriptor)
    }
}
