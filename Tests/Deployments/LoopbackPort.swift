// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Ports for programs that are ended and started again on the same port.
package enum LoopbackPort {
    /// The ports that were given: whoever has one may not listen on it yet.
    private static let given = Mutex<Set<Int>>([])

    /// A port of 127.0.0.1 that nobody listens on, and that no other test of this process was given.
    ///
    /// It lies below those that the system gives to outgoing connections: while nobody listens on such a one, whoever
    /// dials it may be given it as his own port and be connected to himself, and then nobody can listen there.
    ///
    /// - Throws: ``DeploymentError`` where none was found.
    package static func free() throws -> Int {
        for _ in 0..<200 {
            let port = Int.random(in: 18_000..<32_000)
            if isFree(port), given.withLock({ $0.insert(port).inserted }) { return port }
        }
        throw DeploymentError("no free port")
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
