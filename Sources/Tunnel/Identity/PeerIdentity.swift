// SPDX-License-Identifier: Apache-2.0

import Crypto
import NIOSSL

/// Who is at the other end of a connection, as its certificate says.
///
/// The agent id is bound to the key, not to the name: a renewed certificate with the same key is the same agent, and a
/// reinstalled host with a new key is another one.
package struct PeerIdentity: Sendable, Hashable {
    /// The first 32 hexadecimal digits of the SHA-256 over the certificate's SubjectPublicKeyInfo.
    package var agentID: String
    /// The first DNS name in the certificate: the hostname it was issued for.
    package var hostname: String?
    /// Address and port the connection came from, for logs.
    package var remoteAddress: String

    /// An identity made by hand, as tests of other modules need it.
    ///
    /// - Parameters:
    ///   - agentID: 32 lower-case hexadecimal digits.
    ///   - hostname: The DNS name in the certificate.
    ///   - remoteAddress: Address and port of the peer.
    package init(agentID: String, hostname: String?, remoteAddress: String) {
        self.agentID = agentID
        self.hostname = hostname
        self.remoteAddress = remoteAddress
    }

    init(certificate: NIOSSLCertificate, remoteAddress: String) throws {
        agentID = try Tunnel.agentID(of: certificate)
        hostname = certificate._subjectAlternativeNames()
            .first { $0.nameType == .dnsName }
            .map { String(decoding: $0.contents, as: UTF8.self) }
        self.remoteAddress = remoteAddress
    }
}

/// Tells the agent id that a certificate stands for, so that an agent knows its own without asking the controller.
///
/// - Parameter path: A PEM file; of a chain, the first certificate counts.
/// - Returns: 32 lower-case hexadecimal digits.
/// - Throws: `TunnelError` with code `credentials` if the file holds no certificate.
package func agentID(ofCertificatePEMFile path: String) throws(TunnelError) -> String {
    do {
        guard let leaf = try NIOSSLCertificate.fromPEMFile(path).first else {
            throw TunnelError(.credentials, "\(path) holds no certificate")
        }
        return try agentID(of: leaf)
    } catch let error as TunnelError {
        throw error
    } catch {
        throw TunnelError(.credentials, "cannot read the certificate \(path)", cause: error)
    }
}

private func agentID(of certificate: NIOSSLCertificate) throws -> String {
    let digest = SHA256.hash(data: try certificate.extractPublicKey().toSPKIBytes())
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.prefix(16).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
