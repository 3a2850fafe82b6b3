// SPDX-License-Identifier: Apache-2.0

package import NIOSSL

/// Whose certificates a client takes for the controller's.
public enum ControllerTrust: Hashable, Sendable {
    /// Those of the authorities that the system trusts, and of a PEM file with more of them.
    case system(caFile: String?)
    /// Those of these authorities alone: PEM.
    case only(authorities: String)
    /// Anyone's. Only to ask for what is then checked by other means, and with nothing secret in the call.
    case anyone
}

extension ControllerTrust {
    /// The settings of TLS for a client that trusts so.
    ///
    /// - Throws: ``BrokerClientError`` with code `invalidConfiguration` for certificates that cannot be read.
    package func tls() throws(BrokerClientError) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        switch self {
        case .system(caFile: nil): break
        case .system(let path?): tls.additionalTrustRoots = [.certificates(try Self.certificates(inFile: path))]
        case .only(let text): tls.trustRoots = .certificates(try Self.certificates(inPEM: text))
        case .anyone: tls.certificateVerification = .none
        }
        return tls
    }

    private static func certificates(inPEM text: String) throws(BrokerClientError) -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(text.utf8)), !certificates.isEmpty else {
            throw invalid("the authorities are not PEM with certificates")
        }
        return certificates
    }

    private static func certificates(inFile path: String) throws(BrokerClientError) -> [NIOSSLCertificate] {
        if let reason = whyUnreadable(path) {
            throw invalid("cannot read the CA file \(path): \(reason)")
        }
        let certificates: [NIOSSLCertificate]
        do {
            certificates = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw invalid("the CA file \(path) is not PEM with certificates")
        }
        guard !certificates.isEmpty else { throw invalid("the CA file \(path) has no certificate in it") }
        return certificates
    }

    private static func invalid(_ message: String) -> BrokerClientError {
        BrokerClientError(code: .invalidConfiguration, message: message)
    }
}
