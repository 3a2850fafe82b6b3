// SPDX-License-Identifier: Apache-2.0

import Glibc
import NIOCore
import NIOSSL

/// The PEM files one end of a tunnel needs.
package struct TLSFiles: Sendable, Hashable {
    /// Our certificate, followed by intermediate ones if there are any.
    package var certificateChain: String
    /// The private key of the first certificate.
    package var privateKey: String
    /// The authorities whose certificates we accept from the other side; nothing else is trusted.
    ///
    /// Nil for a server that asks its clients for no certificate; a client without trusts nobody.
    package var authorities: String?

    /// Names the files; they are read when the tunnel starts, and again whenever they have changed.
    ///
    /// - Parameters:
    ///   - certificateChain: Path of our certificate chain.
    ///   - privateKey: Path of its private key.
    ///   - authorities: Path of the trusted authorities' certificates; nil for a server whose clients have none.
    package init(certificateChain: String, privateKey: String, authorities: String?) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.authorities = authorities
    }

    /// What tells one version of the files from the next.
    struct Version: Equatable {
        var stamps: [FileStamp?]
    }

    struct FileStamp: Equatable {
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    func version() -> Version {
        Version(stamps: [certificateChain, privateKey, authorities].map { $0.flatMap(Self.stamp) })
    }

    private static func stamp(_ path: String) -> FileStamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return FileStamp(
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec
        )
    }

    /// What may be spoken in TLS 1.2: only what is authenticated (AEAD) and has forward secrecy; all of TLS 1.3 is.
    private static let ciphers: [NIOTLSCipher] = [
        .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    ]

    func configuration(for role: TLSContextCache.Role) throws -> TLSConfiguration {
        let chain = try NIOSSLCertificate.fromPEMFile(certificateChain)
        let key = try NIOSSLPrivateKey(file: privateKey, format: .pem)
        var configuration: TLSConfiguration
        switch role {
        case .server:
            configuration = .makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key)
            )
            // A client is known by its key, not by the address it comes from; its certificate is verified in full.
            configuration.certificateVerification = authorities == nil ? .none : .noHostnameVerification
        case .client:
            configuration = .makeClientConfiguration()
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(key)
            configuration.certificateVerification = .fullVerification
        }
        configuration.trustRoots = .certificates(try authorities.map(NIOSSLCertificate.fromPEMFile) ?? [])
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuiteValues = Self.ciphers
        // How long a closing connection waits for the other side's good-bye.
        configuration.shutdownTimeout = .seconds(1)
        return configuration
    }
}
