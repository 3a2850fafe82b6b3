// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// A hash by which a repetition is told from another submission with the same idempotency key.
enum Fingerprint {
    /// The hash of anything that can be written as JSON.
    static func of(_ value: some Encodable) throws -> String {
        Hexadecimal.text(SHA256.hash(data: try JSON.encode(value)))
    }
}
