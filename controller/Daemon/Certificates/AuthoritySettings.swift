// SPDX-License-Identifier: Apache-2.0

import Authority
import Settings

/// What `broker-controller` is told about the authority that it has itself, and about where hosts find it.
struct AuthoritySettings: Sendable {
    /// The directory of the authority.
    let directory: String
    /// How long agents' certificates last.
    let agentValidity: Duration
    /// How often the controller's own certificate is looked at.
    let checkInterval: Duration

    /// The file of the authorities that are trusted now.
    var trustedFile: String { directory + "/" + TrustedAuthorities.file }

    static let known: [SettingKey] = [
        SettingKey(
            "authority.directory",
            "the authority that issues agents' certificates; without it hosts cannot join"
        ),
        SettingKey("authority.agent_validity", "how long agents' certificates last", fallback: "30d"),
        SettingKey("authority.check_interval", "how often the controller's certificate is checked", fallback: "1h"),
        SettingKey("http.url", "the API's address for those who join", fallback: "https, this host and its port"),
        SettingKey("agents.address", "HOST:PORT that agents dial", fallback: "the host of http.url and the port"),
    ]

    /// Nil where the controller has no authority.
    ///
    /// - Throws: `SettingsError`.
    init?(_ settings: Settings) throws {
        guard let directory = settings.string("authority.directory") else { return nil }
        self.directory = directory
        let validities = Duration.seconds(10) ... .seconds(3650 * 86_400)
        agentValidity = try settings.duration("authority.agent_validity", in: validities) ?? .seconds(30 * 86_400)
        let intervals = Duration.milliseconds(100) ... .seconds(86_400)
        checkInterval = try settings.duration("authority.check_interval", in: intervals) ?? .seconds(3600)
    }
}
