// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import FoundationEssentials
import JobKeys
import Jobs
import Settings

/// Makes what a controller needs before its first start, and leaves what is there.
struct InitialSetup {
    let directory: String
    let stateDirectory: String
    let names: [String]?
    let http: NetworkAddress
    let agents: NetworkAddress
    let authority: String?
    let certificate: (file: String, key: String)?
    let admin: String
    let environment: [String: String]

    /// Makes it.
    ///
    /// - Returns: what to tell the person at the terminal, the key among it.
    /// - Throws: ``Failure``, `AuthorityError`, `CredentialsError`.
    func run(now: Date) async throws -> String {
        let settingsFile = "\(directory)/controller.yaml"
        guard !SecretFile.exists(settingsFile) else {
            throw Failure("\(settingsFile) exists: this controller is set up; remove the file to begin anew")
        }
        try SecretFile.makeDirectory(directory)
        try SecretFile.makeDirectory(stateDirectory)
        let issuer = try makeAuthority(now: now)
        let files = try makeCertificate(now: now)
        _ = try JobKeyDirectory(stateDirectory: stateDirectory).openOrCreate()
        let secret = try await LocalKeys(directory: stateDirectory).create(name: admin, now: now.timestamp)
        // Last, since it is what says that all is done.
        try SecretFile.create(settingsFile, with: settings(files), mode: 0o644)
        var lines = [
            "settings     \(settingsFile)",
            "authority    \(authorityDirectory)",
            "fingerprint  sha256:\(issuer.fingerprint)",
            "certificate  \(files.file) for \(try CertificateFacts.first(inFile: files.file).names.joined(separator: ", "))",
            "admin key    \(secret)",
        ]
        lines.append(
            try ClientConfiguration(environment: environment).write(url: url, key: secret, authority: issuer.pem)
        )
        return lines.map { $0 + "\n" }.joined()
    }

    private var authorityDirectory: String { authority ?? "\(stateDirectory)/authority" }

    /// The names of the certificate: those that were given, or all of this host's.
    private var allNames: [String] {
        let own = names ?? [HostNames.own].compactMap(\.self).filter(CertificateAuthority.isHostname)
        let listening = [http.host, agents.host].filter { !["0.0.0.0", "::"].contains($0) }
        let more = names == nil ? ["localhost"] + HostNames.addresses : ["localhost", "127.0.0.1"]
        return (own + listening + more).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    private var url: String? {
        let isEverywhere = ["0.0.0.0", "::"].contains(http.host)
        let host = isEverywhere ? allNames[0] : http.host
        return http.port == 0 ? nil : "https://\(NetworkAddress(host: host, port: http.port))"
    }

    private func makeAuthority(now: Date) throws -> CertificateFacts {
        let file = "\(authorityDirectory)/\(CertificateAuthority.certificateFile)"
        if !SecretFile.exists(file) {
            guard authority == nil else { throw Failure("\(file): there is no authority") }
            let host = allNames[0]
            try CertificateAuthority.create(commonName: "Broker at \(host)".prefix(64).description, now: now)
                .write(to: authorityDirectory)
        }
        // Fails here, and not at the first agent, where it cannot issue.
        _ = try CertificateAuthority.load(directory: authorityDirectory)
        if !SecretFile.exists("\(authorityDirectory)/\(TrustedAuthorities.file)") {
            try TrustedAuthorities.write(
                try TrustedAuthorities.text(directory: authorityDirectory),
                directory: authorityDirectory
            )
        }
        return try CertificateFacts.first(inFile: file)
    }

    private func makeCertificate(now: Date) throws -> (file: String, key: String) {
        if let certificate { _ = try CertificateFacts.first(inFile: certificate.file) }
        let file = "\(stateDirectory)/tls/controller.pem"
        let files = (file: file, key: file)
        guard !SecretFile.exists(files.file) else { return files }
        try SecretFile.makeDirectory("\(stateDirectory)/tls")
        let issued = try CertificateAuthority.load(directory: authorityDirectory)
            .issueServer(names: allNames, now: now, validity: ServerCertificate.validity)
        try ServerCertificate(
            authorityDirectory: authorityDirectory,
            certificate: files.file,
            key: files.key
        ).write(issued)
        return files
    }

    private func settings(_ files: (file: String, key: String)) throws -> String {
        func text(_ value: String) throws -> String { String(decoding: try JSON.encode(value), as: UTF8.self) }
        let own = certificate == nil ? "" : "  # Of another authority: the controller shows it and does not renew it.\n"
        let http = certificate ?? files
        let publicURL = try url.map { "  url: \(try text($0))\n" } ?? ""
        return """
            # The settings of broker-controller, as 'broker-controller init' wrote them.
            # 'broker-controller serve --help' lists all.
            state_dir: \(try text(stateDirectory))

            http:
              listen: \(try text(self.http.description))
            \(publicURL)\(own)  certificate: \(try text(http.file))
              key: \(try text(http.key))

            agents:
              listen: \(try text(agents.description))
              certificate: \(try text(files.file))
              key: \(try text(files.key))

            authority:
              directory: \(try text(authorityDirectory))

            """
    }
}

extension Date {
    /// The same moment as records have it.
    fileprivate var timestamp: Timestamp { Timestamp(milliseconds: Int64(timeIntervalSince1970 * 1000)) }
}
