// SPDX-License-Identifier: Apache-2.0

import Credentials

/// The authorities that are trusted at the moment: `trusted.pem` in the directory of an authority.
///
/// The one that issues comes first. Where the file is not there, it is that one alone.
package enum TrustedAuthorities {
    /// The file name of the trusted authorities in the directory.
    package static let file = "trusted.pem"

    /// The certificates, PEM.
    ///
    /// - Throws: `AuthorityError` with code `file`.
    package static func text(directory: String) throws(AuthorityError) -> String {
        let path = directory + "/" + file
        return try AuthorityError.files { () throws(CredentialsError) in
            try SecretFile.read(SecretFile.exists(path) ? path : directory + "/" + CertificateAuthority.certificateFile)
        }
    }

    /// Writes the certificates, in place of those that are there.
    ///
    /// - Throws: `AuthorityError` with code `file`.
    package static func write(_ text: String, directory: String) throws(AuthorityError) {
        try AuthorityError.files { () throws(CredentialsError) in
            try SecretFile.replace(directory + "/" + file, with: text, mode: 0o644)
        }
    }
}
