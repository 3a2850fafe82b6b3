// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// A TCP socket on 127.0.0.1 whose calls never block for longer than a moment, so that a thread of a link can look
/// about; closed with its last reference.
final class Descriptor: Sendable {
    /// What a look at the socket brought.
    enum Taken {
        case bytes([UInt8])
        case nothing
        case end
    }

    private let number: Int32
    private let resets = Mutex(false)

    private init(_ number: Int32) {
        self.number = number
        var moment = timeval(tv_sec: 0, tv_usec: 50_000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &moment, size)
        setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &moment, size)
        var on: Int32 = 1
        setsockopt(number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit {
        if resets.withLock({ $0 }) {
            var none = linger(l_onoff: 1, l_linger: 0)
            setsockopt(number, SOL_SOCKET, SO_LINGER, &none, socklen_t(MemoryLayout<linger>.size))
        }
        close(number)
    }

    /// Listens on a port that the system chooses.
    static func listening() throws -> (Descriptor, port: Int) {
        let descriptor = Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = Self.address(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor.number, address, size) == 0 && listen(descriptor.number, 128) == 0
                    && getsockname(descriptor.number, address, &size) == 0
            }
        }
        guard result else { throw POSIXError(.EADDRNOTAVAIL) }
        return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }

    /// Connects to a port; nil where nobody listens there.
    static func connected(port: Int) -> Descriptor? {
        let descriptor = Descriptor(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        var address = Self.address(port: port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return result == 0 ? descriptor : nil
    }

    /// The next connection to a listening socket, if one came within a moment.
    func accepted() -> Descriptor? {
        let connection = accept(number, nil, nil)
        return connection < 0 ? nil : Descriptor(connection)
    }

    /// What came within a moment.
    func take() -> Taken {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = recv(number, &buffer, buffer.count, 0)
        if count > 0 { return .bytes(Array(buffer[..<count])) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? .nothing : .end
    }

    /// Sends as many bytes as go within a moment; nil where the connection is gone.
    func give(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = bytes.withUnsafeBytes { send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    /// Says that nothing more will be sent.
    func endOutput() { shutdown(number, Int32(SHUT_WR)) }

    /// Makes the closing a reset.
    func willReset() { resets.withLock { $0 = true } }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return address
    }
}
