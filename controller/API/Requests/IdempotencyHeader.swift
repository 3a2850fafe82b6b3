// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird

/// The header by which a client names a submission, so that it can ask again and get the same job.
///
/// After draft-ietf-httpapi-idempotency-key-header; `Idempotent-Replayed` is what other APIs call the answer's mark.
enum IdempotencyHeader {
    static let longest = 255

    /// Says in the answer that an earlier submission made the job.
    static let replayed = HTTPField.Name.idempotentReplayed

    /// The key of a request; nil where it has none.
    ///
    /// - Throws: ``APIError`` `outOfRange` for one that is empty, too long, or not of visible ASCII characters.
    static func key(of request: Request) throws(APIError) -> String? {
        guard let key = request.headers[.idempotencyKey] else { return nil }
        guard (1...longest).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw APIError(.outOfRange, "an Idempotency-Key is 1 to \(longest) visible ASCII characters")
        }
        return key
    }
}

extension HTTPField.Name {
    /// `Idempotency-Key`.
    static let idempotencyKey = known("Idempotency-Key")
    /// `Idempotent-Replayed`.
    static let idempotentReplayed = known("Idempotent-Replayed")
}
