// SPDX-License-Identifier: Apache-2.0

import Crypto
import NIOSSL

/// Who is at the other end of a connection, as its certificate says.
///
/// A certificate that the controller has issued to an agent carries the agent's id, as the URI `urn:broker:agent:ID` among
/// its alternative names: so an agent stays who it is when it takes a new key. In any other certificate the id follows
/// from the key: a renewed certificate with the same key is the same agent, and a host with a new key is another one.
package struct PeerIdentity: Sendable, Hashable {
    /// 32 hexadecimal digits: what the certificate says, or the beginning of the key's fingerprint.
    package var agentID: String
    /// The SHA-256 over the certificate's SubjectPublicKeyInfo, 64 lower-case hexadecimal digits.
    package var keyFingerprint: String
    /// Whether it is the certificate that says the id, as only the controller's own do.
    package var isEnrolled: Bool
    /// The first DNS name in the certificate: the hostname it was issued for.
    package var hostname: String?
    /// Address and port the connection came from, for logs.
    package var remoteAddress: String
    /// When the certificate ends, in seconds since 1970.
    package var expiresAt: Int

    /// An identity made by hand, as tests of other modules need it.
    ///
    /// - Parameters:
    ///   - agentID: 32 lower-case hexadecimal digits.
    ///   - keyFingerprint: 64 lower-case hexadecimal digits.
    ///   - isEnrolled: Whether the certificate says the id.
    ///   - hostname: The DNS name in the certificate.
    ///   - remoteAddress: Address and port of the peer.
    ///   - expiresAt: When the certificate ends, in seconds since 1970.
    package init(
        agentID: String,
        keyFingerprint: String = "",
        isEnrolled: Bool = false,
        hostname: String?,
        remoteAddress: String,
        expiresAt: Int = .max
    ) {
        self.agentID = agentID
        self.keyFingerprint = keyFingerprint
        self.isEnrolled = isEnrolled
        self.hostname = hostname
        self.remoteAddress = remoteAddress
        self.expiresAt = expiresAt
    }

    init(certificate: NIOSSLCertificate, remoteAddress: String) throws {
        let names = certificate._subjectAlternativeNames()
        func texts(_ type: _SubjectAlternativeName.NameType) -> some Sequence<String> {
            names.lazy.filter { $0.nameType == type }.map { String(decoding: $0.contents, as: UTF8.self) }
        }
        keyFingerprint = try Tunnel.keyFingerprint(of: certificate)
        let id = texts(.uri).compactMap(Self.agentID(inURI:)).first { _ in true }
        isEnrolled = id != nil
        agentID = id ?? String(keyFingerprint.prefix(32))
        hostname = texts(.dnsName).first { _ in true }
        expiresAt = certificate.notValidAfter
        self.remoteAddress = remoteAddress
    }

    /// The id in a URI that names an agent; nil for any other.
    private static func agentID(inURI uri: String) -> String? {
        let prefix = "urn:broker:agent:"
        guard uri.hasPrefix(prefix) else { return nil }
        let id = uri.dropFirst(prefix.count)
        let isID =
            id.utf8.count == 32
            && id.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
        return isID ? String(id) : nil
    }
}

extension PeerIdentity {
    /// Reads whom a certificate stands for, so that an agent knows its own id without asking the controller.
    ///
    /// - Parameter path: A PEM file; of a chain, the first certificate counts.
    /// - Throws: `TunnelError` with code `credentials` if the file holds no certificate.
    package init(certificatePEMFile path: String) throws(TunnelError) {
        self = try identity(ofCertificatePEMFile: path)
    }
}

/// Tells the agent id that a certificate stands for.
///
/// - Parameter path: A PEM file; of a chain, the first certificate counts.
/// - Returns: 32 lower-case hexadecimal digits.
/// - Throws: `TunnelError` with code `credentials` if the file holds no certificate.
package func agentID(ofCertificatePEMFile path: String) throws(TunnelError) -> String {
    try identity(ofCertificatePEMFile: path).agentID
}

private func identity(ofCertificatePEMFile path: String) throws(TunnelError) -> PeerIdentity {
    do {
        guard let leaf = try NIOSSLCertificate.fromPEMFile(path).first else {
            throw TunnelError(.credentials, "\(path) holds no certificate")
        }
        return try PeerIdentity(certificate: leaf, remoteAddress: "")
    } catch let error as TunnelError {
        throw error
    } catch {
        throw TunnelError(.credentials, "cannot read the certificate \(path)", cause: error)
    }
}

private func keyFingerprint(of certificate: NIOSSLCertificate) throws -> String {
    let digest = SHA256.hash(data: try certificate.extractPublicKey().toSPKIBytes())
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
