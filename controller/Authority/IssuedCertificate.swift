// SPDX-License-Identifier: Apache-2.0

import Credentials

/// A certificate with its private key, as text that every TLS library reads.
///
/// The private key exists only here until it is written: the authority keeps no copy.
package struct IssuedCertificate: Sendable {
    /// The certificate, one PEM block.
    package var certificatePEM: String
    /// The private key in PKCS#8, one PEM block "PRIVATE KEY".
    package var privateKeyPEM: String

    /// Where the two files of a certificate are.
    package struct Files: Sendable, Equatable {
        /// Path of the certificate, readable by all.
        package var certificate: String
        /// Path of the private key, mode 0600.
        package var privateKey: String
    }

    /// Writes `NAME.pem` and `NAME-key.pem` (mode 0600) into a directory, which is made if it is not there.
    ///
    /// Files of the same name are replaced, each in one step, so that a daemon that reads them again at a renewal
    /// never sees half a file; between the two steps it can see a certificate without its key, and has to try again.
    /// - Parameters:
    ///   - directory: The folder the files go to.
    ///   - name: The stem of both file names.
    /// - Returns: The paths of both files.
    /// - Throws: `AuthorityError` with code `file` if a file cannot be written.
    @discardableResult
    package func write(to directory: String, name: String) throws(AuthorityError) -> Files {
        try AuthorityError.files { () throws(CredentialsError) in try SecretFile.makeDirectory(directory) }
        let files = Files(
            certificate: directory + "/" + name + ".pem",
            privateKey: directory + "/" + name + "-key.pem"
        )
        try AuthorityError.files { () throws(CredentialsError) in
            try SecretFile.replace(files.privateKey, with: privateKeyPEM, mode: 0o600)
            try SecretFile.replace(files.certificate, with: certificatePEM, mode: 0o644)
        }
        return files
    }
}
