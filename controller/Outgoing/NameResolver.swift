// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOPosix

/// Finds the addresses of names by the system's resolver, `/etc/hosts` included.
enum NameResolver {
    /// The addresses of a name, in the order in which they are to be tried; none if there are none.
    ///
    /// The system's resolver blocks and cannot be cancelled, so that it has a thread of a pool; its own time limit holds.
    static func addresses(of name: String) async throws -> [String] {
        try await NIOThreadPool.singleton.runIfActive { lookUp(name) }
    }

    private static func lookUp(_ name: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var next = list
        while let entry = next?.pointee {
            var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let size = socklen_t(buffer.count)
            if getnameinfo(entry.ai_addr, entry.ai_addrlen, &buffer, size, nil, 0, NI_NUMERICHOST) == 0 {
                let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
                addresses.append(String(decoding: text, as: UTF8.self))
            }
            next = entry.ai_next
        }
        return addresses
    }
}
