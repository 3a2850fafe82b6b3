// SPDX-License-Identifier: Apache-2.0

import CNNG

/// Certificates for a dialer that speaks TLS by nng itself, as other programs with nng do.
///
/// Both daemons use the tunnel in its place; this is for tests and for clients that come without one.
package struct TLS: Hashable, Sendable {
    /// A PEM file with the certificates of the authorities that the server's is checked against.
    package var authorityFile: String
    /// A PEM file with the own certificate and its key; nil for none.
    package var identityFile: String?
    /// The name that the server's certificate has to carry; nil for the host of the URL.
    package var serverName: String?

    /// Names the files.
    ///
    /// - Parameters:
    ///   - authorityFile: PEM, the authorities' certificates.
    ///   - identityFile: PEM, the own certificate and key.
    ///   - serverName: what the server's certificate has to carry.
    package init(authorityFile: String, identityFile: String? = nil, serverName: String? = nil) {
        self.authorityFile = authorityFile
        self.identityFile = identityFile
        self.serverName = serverName
    }

    /// Makes a dialer use these certificates and demand one of the server.
    func apply(to dialer: nng_dialer) throws(NNGError) {
        var configuration: OpaquePointer?
        try NNGError.check(unsafe nng_tls_config_alloc(&configuration, NNG_TLS_MODE_CLIENT), "set up TLS")
        // The dialer holds its own reference.
        defer { unsafe nng_tls_config_free(configuration) }
        try NNGError.check(
            unsafe nng_tls_config_auth_mode(configuration, NNG_TLS_AUTH_MODE_REQUIRED),
            "demand a certificate"
        )
        try NNGError.check(unsafe nng_tls_config_ca_file(configuration, authorityFile), "read \(authorityFile)")
        if let identityFile {
            let result = unsafe nng_tls_config_cert_key_file(configuration, identityFile, nil)
            try NNGError.check(result, "read \(identityFile)")
        }
        if let serverName {
            try NNGError.check(unsafe nng_tls_config_server_name(configuration, serverName), "set the server's name")
        }
        let result = unsafe nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, UnsafeMutableRawPointer(configuration))
        try NNGError.check(result, "set \(NNG_OPT_TLS_CONFIG)")
    }
}
