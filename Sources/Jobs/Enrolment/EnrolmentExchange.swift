// SPDX-License-Identifier: Apache-2.0

/// What a host sends to become an agent.
///
/// It may be sent again, after a lost answer or to ask how things stand: it is the key that counts.
public struct EnrolmentRequest: Codable, Hashable, Sendable {
    /// The name of the host.
    public let hostname: String
    /// A certificate request (PKCS#10), one PEM block; only its key is taken from it.
    public let certificateRequest: String
    /// The secret of a join token; nil to wait for somebody to accept.
    public let secret: String?

    /// Makes a request of its parts.
    public init(hostname: String, certificateRequest: String, secret: String?) {
        self.hostname = hostname
        self.certificateRequest = certificateRequest
        self.secret = secret
    }

    enum CodingKeys: String, CodingKey {
        case hostname
        case certificateRequest = "certificate_request"
        case secret
    }
}

/// What the controller answers to a host that wants to become an agent.
public struct EnrolmentAnswer: Codable, Hashable, Sendable {
    /// What a host needs to be an agent.
    public struct Membership: Codable, Hashable, Sendable {
        /// Where agents dial: HOST:PORT.
        public let controller: String
        /// The certificate, and intermediate ones behind it: PEM.
        public let certificate: String
        /// The authorities to trust: PEM.
        public let authorities: String
        /// The content of the file `job-keys`: the keys that may sign jobs; nil where there is none.
        public let jobKeys: String?

        /// Makes a record of its parts.
        public init(controller: String, certificate: String, authorities: String, jobKeys: String?) {
            self.controller = controller
            self.certificate = certificate
            self.authorities = authorities
            self.jobKeys = jobKeys
        }

        enum CodingKeys: String, CodingKey {
            case controller
            case certificate
            case authorities
            case jobKeys = "job_keys"
        }
    }

    /// Where the request stands.
    public let enrolment: Enrolment
    /// Nil until it is accepted.
    public let membership: Membership?

    /// Makes an answer of its parts.
    public init(enrolment: Enrolment, membership: Membership?) {
        self.enrolment = enrolment
        self.membership = membership
    }

    enum CodingKeys: String, CodingKey {
        case enrolment
        case membership
    }

    /// Writes every field, with null for what is not known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(enrolment, forKey: .enrolment)
        try container.encode(membership, forKey: .membership)
    }
}
