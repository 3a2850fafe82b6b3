// SPDX-License-Identifier: Apache-2.0

/// What a controller signs jobs with, and what it tells agents so that they believe it.
package struct JobSigner: Sendable {
    /// The key that signs.
    package let key: JobKey
    /// Sets of keys by their versions, each signed by keys of earlier ones; the last one has the key that signs.
    package let sets: [JobKeySet]

    /// The set that counts.
    package var current: JobKeySet { sets[sets.count - 1] }

    /// Makes a signer of its parts; there is at least one set.
    package init(key: JobKey, sets: [JobKeySet]) {
        precondition(!sets.isEmpty, "a signer has a set of keys")
        self.key = key
        self.sets = sets
    }

    /// Makes a signer with a new key, and the first set of a controller.
    ///
    /// - Throws: ``SigningError``.
    package static func new() throws(SigningError) -> JobSigner {
        let key = JobKey()
        return JobSigner(key: key, sets: [try JobKeySet(version: 1, keys: [key.publicKey], signedBy: [key])])
    }

    /// The sets that an agent does not have whose set has this version.
    package func sets(above version: UInt64) -> [JobKeySet] {
        sets.filter { $0.version > version }
    }
}
