// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Finds out which user made a loopback connection.
///
/// Whoever connects to the agent's tunnel speaks to the controller with the agent's certificate, so only processes that
/// could read its key anyway may do so: those of the same user.
enum LocalOwner {
    /// The user behind the other end of an IPv4 loopback connection, or nil if the kernel does not list it.
    static func userID(remotePort: Int, localPort: Int, table: String = "/proc/net/tcp") -> UInt32? {
        guard let file = fopen(table, "re") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0 {
            guard let line else { return nil }
            let entry = String(cString: line)
            if let user = userID(in: entry, remotePort: remotePort, localPort: localPort) { return user }
        }
        return nil
    }

    /// Reads one line of the table: the other end's socket has our remote port as its local one.
    static func userID(in line: String, remotePort: Int, localPort: Int) -> UInt32? {
        let fields = line.split(separator: " ", maxSplits: 8, omittingEmptySubsequences: true)
        guard fields.count > 7, fields[3] == established,
            isLoopback(fields[1], port: remotePort), isLoopback(fields[2], port: localPort)
        else { return nil }
        return UInt32(fields[7])
    }

    private static let established = "01"

    /// Addresses are hexadecimal words in the order of the machine, ports are hexadecimal numbers.
    private static func isLoopback(_ field: Substring, port: Int) -> Bool {
        let parts = field.split(separator: ":")
        guard parts.count == 2, Int(parts[1], radix: 16) == port, let word = UInt32(parts[0], radix: 16) else {
            return false
        }
        return UInt32(bigEndian: word) >> 24 == 127
    }
}
