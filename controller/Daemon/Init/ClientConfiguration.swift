// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs

/// The configuration of the command line `broker` of the user who runs this: `config.yaml`, and the authority beside it.
struct ClientConfiguration {
    let environment: [String: String]

    /// Writes it where there is none.
    ///
    /// - Parameters:
    ///   - url: the address of the API; nil where that is not known before the controller runs.
    ///   - key: an API key.
    ///   - authority: the authority of the API's certificate, PEM.
    /// - Returns: a line on what was done.
    /// - Throws: `CredentialsError`.
    func write(url: String?, key: String, authority: String) throws -> String {
        guard let url else { return "broker       not configured: its URL is known when the controller runs" }
        guard let directory else { return "broker       not configured: there is no HOME" }
        let file = "\(directory)/config.yaml"
        guard !SecretFile.exists(file) else { return "broker       \(file) exists, and was left as it is" }
        try SecretFile.makeDirectory(directory)
        try SecretFile.replace("\(directory)/ca.pem", with: authority, mode: 0o644)
        func text(_ value: String) throws -> String { String(decoding: try JSON.encode(value), as: UTF8.self) }
        let content = "url: \(try text(url))\nkey: \(try text(key))\nca_file: ca.pem\n"
        try SecretFile.create(file, with: content, mode: 0o600)
        return "broker       \(file)"
    }

    /// Where `broker` looks.
    private var directory: String? {
        if let directory = environment["XDG_CONFIG_HOME"], directory.hasPrefix("/") { return "\(directory)/broker" }
        guard let home = environment["HOME"], !home.isEmpty else { return nil }
        return "\(home)/.config/broker"
    }
}
