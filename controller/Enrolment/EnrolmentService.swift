// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import Crypto
import FoundationEssentials
package import JobDispatch
package import Jobs
package import Logging
package import Store
import Synchronization

/// Makes agents of hosts, and takes it back: join tokens, requests, decisions, certificates, revocations.
///
/// What is decided is in the store before anybody is told of it. A certificate is issued only for a key whose holder has
/// signed the request with it, under an id and a name that the controller knows, never under what the request says.
package final class EnrolmentService: Sendable {
    /// Where hosts find this controller.
    package struct Places: Sendable {
        /// The address of the API, for tokens.
        package let api: String
        /// HOST:PORT for agents.
        package let agents: String

        /// Makes places.
        package init(api: String, agents: String) {
            self.api = api
            self.agents = agents
        }
    }

    let store: any EnrolmentStore
    let directory: AgentDirectory
    /// Who is refused.
    package let registry: EnrolmentRegistry
    let issuer: AgentIssuer?
    let places: @Sendable () async -> Places?
    let closeUnwelcome: @Sendable () -> Void
    let limits: EnrolmentLimits
    let logger: Logger
    let pace = Mutex(EnrolmentPace())

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - store: the truth of it.
    ///   - directory: the agents, of whom those who are revoked are forgotten.
    ///   - registry: what every connection is checked against.
    ///   - issuer: issues certificates; nil where this controller has no authority of its own.
    ///   - places: where hosts find the controller; nil while that is not known.
    ///   - closeUnwelcome: closes the connections of those whom the registry refuses.
    ///   - limits: how much is kept of what strangers send.
    ///   - logger: for decisions.
    package init(
        store: any EnrolmentStore,
        directory: AgentDirectory,
        registry: EnrolmentRegistry,
        issuer: AgentIssuer?,
        places: @escaping @Sendable () async -> Places?,
        closeUnwelcome: @escaping @Sendable () -> Void,
        limits: EnrolmentLimits = EnrolmentLimits(),
        logger: Logger
    ) {
        self.store = store
        self.directory = directory
        self.registry = registry
        self.issuer = issuer
        self.places = places
        self.closeUnwelcome = closeUnwelcome
        self.limits = limits
        self.logger = logger
    }

    /// The authorities that are trusted now: PEM.
    ///
    /// - Throws: ``EnrolmentError``.
    package func authorities() throws -> String {
        let issuer = try usableIssuer()
        return try reading { try issuer.authorities() }
    }

    // MARK: Requests of hosts

    /// Takes in the request of a host, and issues its certificate where it is accepted.
    ///
    /// - Parameters:
    ///   - request: what the host sent.
    ///   - address: where it came from.
    ///   - now: the controller's time.
    /// - Returns: how it stands; with a certificate where it is accepted.
    /// - Throws: ``EnrolmentError``, `StoreError`.
    package func enrol(
        _ request: EnrolmentRequest,
        from address: String,
        now: Timestamp
    ) async throws
        -> EnrolmentAnswer
    {
        let issuer = try usableIssuer()
        let network = IPAddressText.network(address)
        guard pace.withLock({ $0.mayTry(network, now: .now) }) else {
            throw EnrolmentError(.tooMany, "too many requests come from this address; try again later")
        }
        do {
            let (enrolment, key, isNew) = try await take(request, from: address, now: now)
            if !isNew { pace.withLock { $0.repeated(network, now: .now) } }
            guard enrolment.state == .accepted else { return EnrolmentAnswer(enrolment: enrolment, membership: nil) }
            registry.setLabels(enrolment.labels, of: enrolment.id)
            let membership = try await membership(of: enrolment, key, issuer, now)
            return EnrolmentAnswer(enrolment: enrolment, membership: membership)
        } catch let error as EnrolmentError where error.code == .refused || error.code == .invalidRequest {
            pace.withLock { $0.refused(network, now: .now) }
            throw error
        }
    }

    private func take(
        _ request: EnrolmentRequest,
        from address: String,
        now: Timestamp
    ) async throws -> (Enrolment, CertificateRequest, isNew: Bool) {
        let key: CertificateRequest
        do { key = try CertificateRequest(pem: request.certificateRequest) } catch {
            throw EnrolmentError(.invalidRequest, error.message)
        }
        if let fault = AgentNames.fault(inHostname: request.hostname) {
            throw EnrolmentError(.invalidRequest, fault)
        }
        let id = AgentID(String(key.fingerprint.prefix(32)))
        let result = try await store.enrol(
            NewEnrolment(
                id: id,
                fingerprint: key.fingerprint,
                hostname: request.hostname,
                address: address,
                network: IPAddressText.network(address),
                secretHash: request.secret.map { Fingerprint.of(Array($0.utf8)) }
            ),
            limits: limits,
            now: now
        )
        switch result {
        case .refused(let refusal):
            throw EnrolmentError(refusal == .full ? .tooMany : .refused, refusal.text)
        case .stands(let enrolment, let isNew):
            if isNew { tell("a host asks to be an agent", enrolment) }
            return (enrolment, key, isNew)
        }
    }

    private func membership(
        of enrolment: Enrolment,
        _ key: CertificateRequest,
        _ issuer: AgentIssuer,
        _ now: Timestamp
    ) async throws -> EnrolmentAnswer.Membership {
        guard let places = await places() else {
            throw EnrolmentError(.failed, "the controller does not know yet where agents find it")
        }
        return try reading {
            EnrolmentAnswer.Membership(
                controller: places.agents,
                certificate: try issuer.issue(
                    key,
                    agentID: enrolment.id.text,
                    hostname: enrolment.hostname,
                    now: now.date
                ),
                authorities: try issuer.authorities(),
                jobKeys: issuer.jobKeys
            )
        }
    }

    // MARK: Renewal

    /// What an agent is told over its link: the authorities, and its next certificate where it asks for one.
    ///
    /// - Parameters:
    ///   - id: who asks, vouched for by the transport.
    ///   - hostname: what its certificate says.
    ///   - request: a certificate request (PKCS#10, DER); nil for no certificate.
    ///   - now: the controller's time.
    /// - Returns: certificate and authorities, PEM. No job keys: those an agent believes of none but keys that it trusts.
    /// - Throws: ``EnrolmentError``, `StoreError`.
    package func renew(
        _ id: AgentID,
        hostname: String?,
        request: [UInt8]?,
        now: Timestamp
    ) async throws -> (certificate: String?, authorities: String) {
        let issuer = try usableIssuer()
        var certificate: String?
        if let request {
            guard let hostname else {
                throw EnrolmentError(.invalidRequest, "the agent's certificate names no host")
            }
            let key: CertificateRequest
            do { key = try CertificateRequest(der: request) } catch {
                throw EnrolmentError(.invalidRequest, error.message)
            }
            guard try await store.addKey(key.fingerprint, of: id, now: now) else {
                throw EnrolmentError(.refused, "the key is revoked, or another agent's")
            }
            certificate = try reading {
                try issuer.issue(key, agentID: id.text, hostname: hostname, now: now.date)
            }
            logger.info("certificate renewed", metadata: ["agent.id": "\(id)", "hostname": "\(hostname)"])
        }
        return try reading { (certificate, try issuer.authorities()) }
    }

    // MARK: Helpers

    func usableIssuer() throws(EnrolmentError) -> AgentIssuer {
        guard let issuer else {
            throw EnrolmentError(.noAuthority, "this controller issues no certificates: it has no authority")
        }
        return issuer
    }

    /// Gives the faults of files their one error.
    func reading<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch {
            logger.error("the authority's files cannot be used", metadata: ["error": "\(error)"])
            throw EnrolmentError(.failed, "the authority's files cannot be used; the controller's log has more")
        }
    }

    func tell(_ message: Logger.Message, _ enrolment: Enrolment) {
        logger.notice(
            message,
            metadata: [
                "agent.id": "\(enrolment.id)", "hostname": "\(enrolment.hostname)", "state": "\(enrolment.state)",
                "conflict": "\(enrolment.conflict)", "peer.address": "\(enrolment.address)",
                "key.fingerprint": "\(enrolment.fingerprint)", "by": "\(enrolment.decidedBy ?? "")",
            ]
        )
    }
}

extension Timestamp {
    var date: Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }
}

extension EnrolmentRefusal {
    /// What a host is told.
    var text: String {
        switch self {
        case .unknownToken: "the join token is not known, or was revoked"
        case .expiredToken: "the join token has expired"
        case .usedToken: "the join token is used up"
        case .rejected: "this key was rejected"
        case .revoked: "this key is revoked"
        case .otherName: "this key has asked for another hostname"
        case .full: "too many hosts wait to be accepted"
        }
    }
}
