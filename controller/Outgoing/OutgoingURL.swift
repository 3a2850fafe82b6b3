// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// A URL that can be called: `http` or `https`, a plain host, no name and password.
package struct OutgoingURL: Hashable, Sendable, CustomStringConvertible {
    /// The longest, in bytes.
    package static let maximumLength = 2048

    /// Whether it is `https`.
    package let isEncrypted: Bool
    /// The host: a name in lower case, or an address without brackets.
    let host: String
    /// The host, with the port where one is named.
    package let authority: String
    /// All of it, as it is called.
    package let description: String

    /// Reads a URL.
    ///
    /// - Throws: ``OutgoingError`` `invalidURL`, which says what is wrong with it.
    package init(_ text: String) throws(OutgoingError) {
        func invalid(_ why: String) -> OutgoingError { OutgoingError(code: .invalidURL, message: "the URL \(why)") }
        guard text.utf8.count <= Self.maximumLength else {
            throw invalid("has more than \(Self.maximumLength) bytes")
        }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: text) else {
            throw invalid("cannot be read")
        }
        let scheme = parts.scheme?.lowercased()
        guard scheme == "https" || scheme == "http" else { throw invalid("is not https:// or http://") }
        guard parts.user == nil, parts.password == nil else { throw invalid("has a name or password in it") }
        guard parts.fragment == nil else { throw invalid("has a fragment") }
        let host = (parts.host ?? "").lowercased().filter { !"[]".contains($0) }
        // Only what the HTTP client takes for the same host: it is told by it which address to connect to.
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isOfHost) else { throw invalid("has no plain host") }
        if let port = parts.port, !(1...65_535).contains(port) { throw invalid("has no port from 1 to 65535") }
        var whole = parts
        whole.scheme = scheme
        whole.host = host.contains(":") ? "[\(host)]" : host
        guard let description = whole.string else { throw invalid("cannot be read") }
        isEncrypted = scheme == "https"
        self.host = host
        authority = (whole.host ?? host) + (parts.port.map { ":\($0)" } ?? "")
        self.description = description
    }

    private static func isOfHost(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"): true
        default: false
        }
    }
}
