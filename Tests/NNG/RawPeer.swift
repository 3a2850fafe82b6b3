// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// A peer over TCP that sends whatever bytes it likes.
final class RawPeer {
    private let descriptor: Int32

    /// Connects to a `tcp://127.0.0.1:port` address, without saying anything.
    init(to url: String) throws {
        let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0)
    }

    deinit {
        close(descriptor)
    }

    /// The greeting of a REQ peer, and the one that must come back from REP.
    func greet() throws {
        try write([0, 0x53, 0x50, 0, 0, 0x30, 0, 0])
        #expect(read(8) == [0, 0x53, 0x50, 0, 0, 0x31, 0, 0])
    }

    /// A message: its length in 8 bytes, and the bytes, or fewer than announced.
    func send(length: Int? = nil, _ bytes: [UInt8]) throws {
        let length = UInt64(length ?? bytes.count)
        try write((0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) } + bytes)
    }

    /// Reads this many bytes; fewer when the other side has closed the connection.
    func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: count)
        while bytes.count < count {
            let received = recv(descriptor, &buffer, count - bytes.count, 0)
            guard received > 0 else { break }
            bytes += buffer[..<received]
        }
        return bytes
    }

    private func write(_ bytes: [UInt8]) throws {
        try #require(Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
    }
}
