// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import Enrolment
import Fleet
import JobDispatch
import Jobs
import Logging
import ServiceLifecycle
import Store
import Tunnel
import Wire

// What decides who is an agent, and keeps certificates good.

extension Controller {
    func makeEnrolment(
        _ store: SQLiteStore,
        _ directory: AgentDirectory,
        _ peers: PeerDirectory,
        _ endpoints: EndpointsFile,
        jobKeys: String
    ) async throws -> EnrolmentService {
        let registry = EnrolmentRegistry(
            revoked: try await store.revocations(),
            labels: try await store.grantedLabels()
        )
        if let authority = settings.authority { try writeTrusted(authority) }
        return EnrolmentService(
            store: store,
            directory: directory,
            registry: registry,
            issuer: settings.authority.map {
                AgentIssuer(directory: $0.directory, validity: $0.agentValidity, jobKeys: jobKeys)
            },
            places: { [places = settings.places] in
                guard let ports = await endpoints.ports else { return nil }
                return places.places(httpPort: ports.http, agentsPort: ports.agents)
            },
            closeUnwelcome: { peers.close(where: registry.refuses) },
            logger: logger
        )
    }

    /// The first time, those who are trusted are the authority alone.
    private func writeTrusted(_ authority: AuthoritySettings) throws {
        guard !SecretFile.exists(authority.trustedFile) else { return }
        try TrustedAuthorities.write(
            try TrustedAuthorities.text(directory: authority.directory),
            directory: authority.directory
        )
    }

    /// Renews the certificates of both listeners, as far as they are of the controller's own authority.
    func certificateServices() -> [ServerCertificateService] {
        guard let authority = settings.authority else { return [] }
        let pairs = ([settings.agentFiles] + [settings.httpFiles].compactMap(\.self))
            .map { [$0.certificateChain, $0.privateKey] }
        return Set(pairs).map { pair in
            ServerCertificateService(
                certificate: ServerCertificate(
                    authorityDirectory: authority.directory,
                    certificate: pair[0],
                    key: pair[1]
                ),
                interval: authority.checkInterval,
                logger: logger
            )
        }
    }
}

extension EnrolmentRegistry {
    /// Whether whoever shows this certificate is refused.
    func refuses(_ peer: PeerIdentity) -> Bool {
        isRevoked(AgentID(peer.agentID), keyFingerprint: peer.keyFingerprint)
    }
}

extension EnrolmentService {
    /// Answers an agent that asks for certificates over its link: the one place where its errors become refusals.
    func certify(_ agent: AgentIdentity, _ request: [UInt8]?, now: Timestamp) async -> ControllerMessage {
        do {
            let answer = try await renew(agent.id, hostname: agent.hostname, request: request, now: now)
            return .credentials(
                AgentCredentials(
                    certificateChain: answer.certificate ?? "",
                    authorities: answer.authorities
                )
            )
        } catch let error as EnrolmentError {
            let code = error.code == .noAuthority ? "no_authority" : "not_certified"
            return .refusal(code: code, message: error.message, retryAfter: .seconds(60))
        } catch {
            return .refusal(code: "unavailable", message: "the controller cannot store it", retryAfter: .seconds(10))
        }
    }
}
