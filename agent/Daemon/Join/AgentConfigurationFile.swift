// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs
import Membership

/// The settings of an agent that has joined.
struct AgentConfigurationFile {
    let path: String

    /// Writes the file; one that is there is kept beside it, as `….before`.
    ///
    /// - Throws: `CredentialsError`.
    func write(
        controller: String,
        hostname: String,
        labels: [String],
        stateDirectory: String,
        files: MembershipFiles
    ) throws {
        if let end = path.lastIndex(of: "/") { try SecretFile.makeDirectory(String(path[..<end])) }
        func text(_ value: String) throws -> String { String(decoding: try JSON.encode(value), as: UTF8.self) }
        var lines = [
            "# The settings of broker-agent, as 'broker-agent join' wrote them; 'broker-agent run --help' lists all.",
            "controller: \(try text(controller))",
            "hostname: \(try text(hostname))",
            "state_dir: \(try text(stateDirectory))",
            "tls:",
            "  certificate: \(try text(files.certificate))",
            "  key: \(try text(files.key))",
            "  authority: \(try text(files.authorities))",
            "  renew: true",
        ]
        if !labels.isEmpty { lines += try ["labels:"] + labels.map { "  - \(try text($0))" } }
        let content = lines.map { $0 + "\n" }.joined()
        if SecretFile.exists(path) {
            try SecretFile.replace(path + ".before", with: SecretFile.read(path), mode: 0o600)
        }
        try SecretFile.replace(path, with: content, mode: 0o644)
    }
}
