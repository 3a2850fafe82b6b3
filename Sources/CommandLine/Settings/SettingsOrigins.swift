// SPDX-License-Identifier: Apache-2.0

package import BrokerClient

/// Where the settings are from that decide whether the controller can be reached, for the words on why it cannot.
package struct SettingsOrigins: Hashable, Sendable {
    /// Where the URL is from: a flag, a variable, or the path of a file.
    package let url: String?
    /// Where the CA file is from; nil where none is set.
    package let caFile: String?

    /// Makes a record of the first source that has each setting.
    init(flags: Settings, variables: Settings, stored: Settings?, file: String?) {
        func origin(_ setting: KeyPath<Settings, String?>, flag: String, variable: String) -> String? {
            if flags[keyPath: setting] != nil { return flag }
            if variables[keyPath: setting] != nil { return variable }
            return stored?[keyPath: setting] == nil ? nil : file
        }
        url = origin(\.url, flag: "--url", variable: "BROKER_URL")
        caFile = origin(\.caFile, flag: "--ca-file", variable: "BROKER_CA_FILE")
    }

    /// The error with a word on the setting that may be to blame.
    package func explain(_ error: BrokerClientError) -> BrokerClientError {
        let hint: String?
        switch error.code {
        case .unreachable, .timedOut:
            hint = url.map { "the URL is from \($0)" }
        case .untrusted:
            hint = caFile.map { "the CA file is from \($0)" } ?? "set --ca-file or BROKER_CA_FILE"
        case .invalidConfiguration, .refused, .badAnswer:
            hint = nil
        }
        guard let hint else { return error }
        return BrokerClientError(code: error.code, message: "\(error.message) (\(hint))")
    }
}
