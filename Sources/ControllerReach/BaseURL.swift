// SPDX-License-Identifier: Apache-2.0

/// The controller's URL, checked, to which paths and queries are added.
package struct BaseURL: Hashable, Sendable, CustomStringConvertible {
    /// The URL without the slashes at its end.
    package let description: String
    /// Whether what is sent is encrypted.
    package let isEncrypted: Bool
    /// The host, without brackets and port.
    package let host: String
    /// The port, also where the URL has none.
    package let port: Int

    /// Checks a URL that a person wrote.
    ///
    /// - Throws: ``BrokerClientError`` with code `invalidConfiguration` for anything but
    ///   `http(s)://host[:port][/path]`.
    package init(_ text: String) throws(BrokerClientError) {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, ["http", "https"].contains(parts[0].lowercased()) else {
            throw Self.refusal(text, "it must begin with http:// or https://")
        }
        let rest = parts[1]
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.refusal(text, "it has a blank or a character outside ASCII")
        }
        guard !rest.contains(where: { "?#".contains($0) }) else {
            throw Self.refusal(text, "it must have no query and no fragment")
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else { throw Self.refusal(text, "it must have no user name in it") }
        guard let (host, port) = Self.hostAndPort(of: authority), !host.isEmpty else {
            throw Self.refusal(text, "it has no host, or a port that is no number")
        }
        self.host = host
        isEncrypted = parts[0].lowercased() == "https"
        self.port = port ?? (isEncrypted ? 443 : 80)
        var trimmed = text
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        description = trimmed
    }

    /// Whether the host is this machine, so that what is sent cannot be read on the way.
    package var isLoopback: Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        let isLoopbackV4 = numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
        return isLoopbackV4 || host == "localhost" || host == "::1"
    }

    /// The target of a request (RFC 9112, section 3.2.1) for a path below this URL, whose own path is kept.
    ///
    /// - Parameter path: the parts of the path; each is percent-encoded.
    /// - Returns: the target, which begins with a slash.
    package func target(_ path: [String]) -> String {
        String(Self.afterScheme(url(path)).drop { $0 != "/" })
    }

    /// The host and, where the URL has one, the port, as the header `Host` has them.
    package var authority: String {
        String(Self.afterScheme(description).prefix { $0 != "/" })
    }

    private static func afterScheme(_ url: String) -> Substring {
        url.split(separator: "://", maxSplits: 1).last ?? ""
    }

    /// The URL of a path below this one.
    ///
    /// - Parameters:
    ///   - path: the parts of the path; each is percent-encoded.
    ///   - query: names and values; those without a value are left out.
    /// - Returns: the whole URL.
    package func url(_ path: [String], query: [(String, String?)] = []) -> String {
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(percentEncoded($0))" } }
        let tail = pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
        return description + path.map { "/" + percentEncoded($0) }.joined() + tail
    }

    private static func hostAndPort(of authority: Substring) -> (host: String, port: Int?)? {
        let host: Substring
        let port: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[authority.index(after: authority.startIndex)..<end]
            port = authority[authority.index(after: end)...]
        } else {
            host = authority.prefix { $0 != ":" }
            port = authority[host.endIndex...]
        }
        guard !port.isEmpty else { return (String(host), nil) }
        guard port.hasPrefix(":"), let number = UInt16(port.dropFirst()) else { return nil }
        return (String(host), Int(number))
    }

    private static func refusal(_ text: String, _ reason: String) -> BrokerClientError {
        BrokerClientError(code: .invalidConfiguration, message: "'\(text)' is not the URL of a controller: \(reason)")
    }
}

/// Percent-encodes everything but the unreserved characters (RFC 3986, section 2.3).
private func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
        }
    }
    return encoded
}
