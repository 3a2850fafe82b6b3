// SPDX-License-Identifier: Apache-2.0

package import BrokerClient

/// Where the controller is and how to speak to it, from one source or from all of them.
package struct Settings: Hashable, Sendable {
    /// The controller's URL.
    package var url: String?
    /// The API key.
    package var key: String?
    /// A PEM file with certificates to trust besides the system's.
    package var caFile: String?

    /// Makes settings of their parts.
    package init(url: String? = nil, key: String? = nil, caFile: String? = nil) {
        self.url = url
        self.key = key
        self.caFile = caFile
    }

    /// The settings of the environment; an empty variable counts as not set.
    package init(environment: [String: String]) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.init(url: value("BROKER_URL"), key: value("BROKER_API_KEY"), caFile: value("BROKER_CA_FILE"))
    }

    /// These settings, with those that are missing taken from `other`.
    package func orElse(_ other: Settings) -> Settings {
        Settings(url: url ?? other.url, key: key ?? other.key, caFile: caFile ?? other.caFile)
    }

    /// The configuration of the client.
    ///
    /// - Throws: ``UsageError`` where the URL or the key is missing.
    package func clientConfiguration() throws(UsageError) -> BrokerClientConfiguration {
        guard let url else {
            throw UsageError("no controller is given: use --url, BROKER_URL, or 'url:' in the configuration file")
        }
        guard let key else {
            throw UsageError("no API key is given: use BROKER_API_KEY, --key, or 'key:' in the configuration file")
        }
        return BrokerClientConfiguration(url: url, key: key, caFile: caFile)
    }

    /// What the user should know about these settings though they can be used.
    package var warnings: [String] {
        guard let url, key != nil, let base = try? BaseURL(url), !base.isEncrypted, !base.isLoopback else { return [] }
        return ["the API key goes unencrypted to \(base): use https"]
    }

    /// The path of the configuration file where none is given; nil without a home.
    package static func defaultPath(environment: [String: String]) -> String? {
        // The specification of XDG says that a relative path is to be ignored.
        if let directory = environment["XDG_CONFIG_HOME"], directory.hasPrefix("/") {
            return "\(directory)/broker/config.yaml"
        }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return "\(home)/.config/broker/config.yaml"
    }
}
