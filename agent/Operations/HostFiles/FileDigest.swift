// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// The SHA-256 of what files hold.
enum FileDigest {
    /// The SHA-256 of bytes as 64 hexadecimal digits in lower case.
    static func sha256(_ bytes: [UInt8]) -> String {
        Hexadecimal.text(SHA256.hash(data: bytes))
    }
}
