// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An address that a socket can be connected to.
struct SocketAddress: Sendable {
    /// The family of protocols.
    let family: Int32
    private let bytes: [UInt8]

    /// The addresses of a host, at most eight.
    ///
    /// - Parameters:
    ///   - host: a name or an address.
    ///   - port: the port; nil for none.
    ///   - family: of which protocols; `AF_UNSPEC` for all.
    /// - Returns: the addresses in the order in which they are to be tried.
    /// - Throws: `unknown_host` where there is none.
    static func resolve(
        _ host: String,
        port: UInt16?,
        family: Int32 = AF_UNSPEC
    ) throws(OperationError) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let service = port.map { "\($0)" }
        let failure = getaddrinfo(host, service, &hints, &list)
        guard failure == 0 else {
            let reason = String(cString: gai_strerror(failure))
            throw OperationError("unknown_host", "there is no address for '\(host)': \(reason)")
        }
        defer { freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee, found.count < 8 {
            next = entry.ai_next
            guard let address = entry.ai_addr else { continue }
            let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen))
            found.append(SocketAddress(family: entry.ai_family, bytes: Array(bytes)))
        }
        return found
    }

    private init(family: Int32, bytes: [UInt8]) {
        self.family = family
        self.bytes = bytes
    }

    /// Calls `body` with the address as the operating system takes it.
    func withAddress<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        // The storage is aligned for every kind of address.
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(bytes.count)) }
        }
    }

    /// The address as text, without a port.
    var text: String {
        withAddress { address, length in
            NumericAddress.text(of: address, length) ?? ""
        }
    }
}

/// The text of addresses.
enum NumericAddress {
    /// The text of an address, without a port; nil for what is none of the internet.
    static func text(of address: UnsafePointer<sockaddr>, _ length: socklen_t) -> String? {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            guard let start = buffer.baseAddress,
                getnameinfo(address, length, start, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
            else { return nil }
            return String(cString: start)
        }
    }

    /// Whether a text is an address of IPv4 or IPv6, the latter perhaps with an interface.
    static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        let plain = String(text.prefix { $0 != "%" })
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, plain, &address) == 1
    }
}
