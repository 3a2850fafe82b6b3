// SPDX-License-Identifier: Apache-2.0

import Enrolment
import Settings

/// Under which names hosts find the controller, as far as that can be told.
struct PublicPlaces: Sendable {
    private let api: String?
    private let agents: NetworkAddress?
    private let host: String
    private let isPlain: Bool

    /// Takes what is set, and the names to fall back to.
    ///
    /// - Throws: `SettingsError`.
    init(_ settings: Settings, listening http: NetworkAddress, isPlain: Bool) throws {
        api = settings.string("http.url")
        agents = try settings.address("agents.address")
        let isWildcard = ["0.0.0.0", "::", ""].contains(http.host)
        host = isWildcard ? HostNames.own ?? "localhost" : http.host
        self.isPlain = isPlain
    }

    /// The places, once the ports are known.
    func places(httpPort: Int, agentsPort: Int) -> EnrolmentService.Places {
        let scheme = isPlain ? "http" : "https"
        let url = api ?? "\(scheme)://\(NetworkAddress(host: host, port: httpPort))"
        let agents = agents ?? NetworkAddress(host: api.flatMap(Self.host) ?? host, port: agentsPort)
        return EnrolmentService.Places(api: url, agents: agents.description)
    }

    /// The host of a URL.
    private static func host(of url: String) -> String? {
        guard let start = url.firstRange(of: "://")?.upperBound else { return nil }
        let authority = url[start...].prefix { $0 != "/" }
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }
}
