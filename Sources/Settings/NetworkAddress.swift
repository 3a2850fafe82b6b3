// SPDX-License-Identifier: Apache-2.0

/// A host and a port: `controller.example:7443`, `0.0.0.0:8443`, `[::]:8443`, or `:8443` for every address of this host.
package struct NetworkAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, without brackets.
    package let host: String
    /// From 0, where the system is to choose, to 65535.
    package let port: Int

    /// Makes an address of its parts.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads the text form; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        self.init(host: host.isEmpty ? "0.0.0.0" : String(host), port: port)
    }

    /// The text form.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
