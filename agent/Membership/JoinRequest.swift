// SPDX-License-Identifier: Apache-2.0

import ControllerReach
import Credentials
package import Jobs

/// Makes this host an agent: finds the controller by its authority's fingerprint, sends a certificate request, and
/// writes what comes of it.
///
/// The private key is made here and stays here. It is there before anything is asked for, so that a request which was
/// interrupted is gone on with, under the same key.
package struct JoinRequest: Sendable {
    /// The address of the controller's API.
    package let url: String
    /// The authority that the controller is known by.
    package let authority: CertificateFingerprint
    /// Whether an API certificate of an authority that the system trusts will do as well; agents' links are not touched.
    package let trustsSystem: Bool
    /// The secret of the join token; nil to wait for somebody to accept.
    package let secret: String?
    /// The name of this host.
    package let hostname: String
    /// Where key, certificate and authorities go.
    package let files: MembershipFiles

    /// Makes a request.
    package init(
        url: String,
        authority: CertificateFingerprint,
        trustsSystem: Bool,
        secret: String?,
        hostname: String,
        files: MembershipFiles
    ) {
        self.url = url
        self.authority = authority
        self.trustsSystem = trustsSystem
        self.secret = secret
        self.hostname = hostname
        self.files = files
    }

    /// Joins; where there is no token, or the host's name is taken, it waits for as long as it takes.
    ///
    /// - Parameter waiting: called once with how the request stands, if it has to wait.
    /// - Returns: where the agent dials: HOST:PORT.
    /// - Throws: `CredentialsError` for a controller that is not the right one, and for files; `BrokerClientError` where
    ///   the controller cannot be reached or refuses; `CancellationError`. To try again goes on with the same key.
    package func join(waiting: (Enrolment) -> Void) async throws -> String {
        guard url.lowercased().hasPrefix("https://") else {
            throw CredentialsError(
                "\(url): a host joins over https only; else anybody on the way could read the secret"
            )
        }
        let key = try makeKey()
        let trust = try await findAuthority()
        let request = EnrolmentRequest(
            hostname: hostname,
            certificateRequest: try key.certificateRequestPEM(hostname: hostname),
            secret: secret
        )
        let desk = try EnrolmentDesk(url: url, trusting: trust)
        let first = try await desk.enrol(request)
        if let membership = first.membership { return try write(membership, key) }
        waiting(first.enrolment)
        return try await write(decision(on: request, at: desk), key)
    }

    /// Asks until somebody has decided; a controller that is away meanwhile is no reason to give up.
    private func decision(
        on request: EnrolmentRequest,
        at desk: EnrolmentDesk
    ) async throws -> EnrolmentAnswer.Membership {
        var pause = Duration.seconds(1)
        while true {
            try await Task.sleep(for: pause * Double.random(in: 0.75..<1.25))
            pause = min(pause * 1.5, .seconds(15))
            do {
                if let membership = try await desk.enrol(request).membership { return membership }
            } catch let error as BrokerClientError where error.isPassing {
                continue
            }
        }
    }

    /// The key that is there already, or a fresh one.
    private func makeKey() throws -> AgentKey {
        guard SecretFile.exists(files.key) else {
            let key = AgentKey()
            if let end = files.key.lastIndex(of: "/") { try SecretFile.makeDirectory(String(files.key[..<end])) }
            try SecretFile.create(files.key, with: key.pem, mode: 0o600)
            return key
        }
        let text = try SecretFile.read(files.key)
        if (try? CertificateFacts.all(inPEM: text)) != nil {
            throw CredentialsError("\(files.key): this host has joined already; remove the file to join anew")
        }
        do { return try AgentKey(pem: text) } catch {
            throw CredentialsError("\(files.key): \(error.message)")
        }
    }

    /// What to trust from now on: the authority with the fingerprint, which anybody may hand over.
    private func findAuthority() async throws -> ControllerTrust {
        let text = try await EnrolmentDesk(url: url, trusting: .anyone).authorities()
        let known = (try? CertificateFacts.all(inPEM: text)) ?? []
        guard let found = known.first(where: { $0.fingerprint == authority.digits }) else {
            throw CredentialsError(
                "\(url) is not the right controller: it has no authority with the fingerprint \(authority)"
            )
        }
        return trustsSystem ? .system(caFile: nil) : .only(authorities: found.pem)
    }

    private func write(_ membership: EnrolmentAnswer.Membership, _ key: AgentKey) throws -> String {
        let authorities = try CertificateFacts.all(inPEM: membership.authorities)
        guard authorities.contains(where: { $0.fingerprint == authority.digits }),
            let certificate = try CertificateFacts.all(inPEM: membership.certificate).first,
            certificate.keyFingerprint == key.fingerprint
        else { throw CredentialsError("the controller sent a certificate of another key, or other authorities") }
        try SecretFile.replace(files.authorities, with: membership.authorities, mode: 0o644)
        if let jobKeys = membership.jobKeys { try SecretFile.replace(files.jobKeys, with: jobKeys, mode: 0o644) }
        // Last, since a file with a certificate in it is what says that the host has joined.
        try SecretFile.replace(files.certificate, with: key.pem + membership.certificate, mode: 0o600)
        return membership.controller
    }
}

extension BrokerClientError {
    /// Whether it may be otherwise in a while.
    fileprivate var isPassing: Bool {
        switch code {
        case .unreachable, .timedOut: true
        case .refused(let problem): problem.status >= 500 || problem.status == 429
        case .invalidConfiguration, .untrusted, .badAnswer: false
        }
    }
}
