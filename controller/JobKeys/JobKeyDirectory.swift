// SPDX-License-Identifier: Apache-2.0

import Credentials
import FoundationEssentials
package import Signing

/// The directory `job-keys` in a controller's state directory: private keys, each in a file of its own, and the sets that
/// were made of their public halves.
///
/// - `ID.key`: the 32 bytes of a private key in base64, for the owner alone.
/// - `set-N`: version N of the set (`JobKeySet`), signed by every key that the controller had then. The highest one counts;
///   the earlier ones are for agents that were away while keys came and went.
///
/// What root makes belongs to the owner of the directory all the same, since the controller has to read it.
///
/// Each change writes one set at last, in one step, and a second change at the same time fails. A crash before that leaves a
/// key that no set names; one after it, where a key was retired, leaves the file of a key that does not count any more.
package struct JobKeyDirectory: Sendable {
    private let stateDirectory: String
    private let path: String

    /// Names the directory; nothing is read yet.
    package init(stateDirectory: String) {
        self.stateDirectory = stateDirectory
        path = stateDirectory + "/job-keys"
    }

    /// The keys of the controller, made if there are none.
    ///
    /// - Throws: ``JobKeyError``.
    package func openOrCreate() throws(JobKeyError) -> JobSigner {
        let sets = try readSets()
        if let current = sets.last { return JobSigner(key: try signingKey(of: current), sets: sets) }
        let signer = try signing { () throws(SigningError) in try JobSigner.new() }
        try writing { () throws(CredentialsError) in
            try SecretFile.makeDirectory(path)
            try SecretFile.giveToOwner(of: stateDirectory, path)
        }
        try write(signer.key)
        try write(signer.sets[0])
        return signer
    }

    /// The keys of the controller; nil where there are none.
    ///
    /// - Throws: ``JobKeyError``.
    package func open() throws(JobKeyError) -> JobSigner? {
        let sets = try readSets()
        guard let current = sets.last else { return nil }
        return JobSigner(key: try signingKey(of: current), sets: sets)
    }

    // MARK: Changes

    /// Makes a new key, which signs from the controller's next start on; the others stay trusted.
    ///
    /// - Returns: the new set.
    /// - Throws: ``JobKeyError``.
    package func rotate() throws(JobKeyError) -> JobKeySet {
        let current = try openOrCreate().current
        guard current.keys.count < JobKeySet.maximumKeys else {
            throw JobKeyError(.tooMany, "there are \(current.keys.count) job keys; retire some first")
        }
        let key = JobKey()
        try write(key)
        return try replace(current, by: current.keys + [key.publicKey], alsoSignedBy: [key])
    }

    /// Takes a key out of the set and deletes its private half: what it signed counts nowhere any more, once agents know.
    ///
    /// - Returns: the new set.
    /// - Throws: ``JobKeyError``, also for the key that signs.
    package func retire(_ id: String) throws(JobKeyError) -> JobKeySet {
        let current = try openOrCreate().current
        guard let key = current.key(id) else { throw JobKeyError(.unknownKey, "there is no job key '\(id)'") }
        guard key != current.keys.last else {
            throw JobKeyError(.inUse, "the job key \(id) signs jobs; make another one with: job-keys rotate")
        }
        let next = try replace(current, by: current.keys.filter { $0 != key }, alsoSignedBy: [])
        do {
            try FileManager.default.removeItem(atPath: file(of: id))
        } catch {
            throw JobKeyError(.file, "\(file(of: id)): cannot be removed; the key does not count any more")
        }
        return next
    }

    /// Makes the next set, signed by every key of the present one, so that whoever trusts one of them takes it.
    private func replace(
        _ current: JobKeySet,
        by keys: [JobPublicKey],
        alsoSignedBy more: [JobKey]
    ) throws(JobKeyError) -> JobKeySet {
        var signers: [JobKey] = []
        for key in current.keys { signers.append(try readKey(key.id)) }
        let all = signers + more
        let next = try signing { () throws(SigningError) in
            try JobKeySet(version: current.version + 1, keys: keys, signedBy: all)
        }
        try write(next)
        return next
    }

    // MARK: Files

    private func file(of id: String) -> String { "\(path)/\(id).key" }

    private func file(of version: UInt64) -> String { "\(path)/set-\(version)" }

    private func write(_ key: JobKey) throws(JobKeyError) {
        try writing { () throws(CredentialsError) in
            try SecretFile.create(file(of: key.id), with: Data(key.seed).base64EncodedString() + "\n", mode: 0o600)
            try SecretFile.giveToOwner(of: path, file(of: key.id))
        }
    }

    /// Fails where there is such a version already.
    private func write(_ set: JobKeySet) throws(JobKeyError) {
        let temporary = "\(path)/set.\(UUID().uuidString)"
        try writing { () throws(CredentialsError) in
            try SecretFile.create(temporary, with: set.text, mode: 0o644)
            try SecretFile.giveToOwner(of: path, temporary)
            defer { try? FileManager.default.removeItem(atPath: temporary) }
            try SecretFile.link(temporary, to: file(of: set.version))
        }
    }

    private func signingKey(of set: JobKeySet) throws(JobKeyError) -> JobKey {
        guard let id = set.keys.last?.id else { throw JobKeyError(.damaged, "\(path): no key signs") }
        return try readKey(id)
    }

    private func readKey(_ id: String) throws(JobKeyError) -> JobKey {
        let text = try writing { () throws(CredentialsError) in try SecretFile.read(file(of: id)) }
        guard let seed = Data(base64Encoded: text.filter { !$0.isWhitespace }),
            let key = try? JobKey(seed: Array(seed)),
            key.id == id
        else { throw JobKeyError(.damaged, "\(file(of: id)): not the job key \(id)") }
        return key
    }

    private func readSets() throws(JobKeyError) -> [JobKeySet] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let versions = names.compactMap { $0.hasPrefix("set-") ? UInt64($0.dropFirst(4)) : nil }.sorted()
        var sets: [JobKeySet] = []
        // An agent that was away for more changes than this has to be given the keys by hand.
        for version in versions.suffix(Self.keptSets) {
            let text = try writing { () throws(CredentialsError) in try SecretFile.read(file(of: version)) }
            guard let set = try? JobKeySet(parsing: text), set.version == version else {
                throw JobKeyError(.damaged, "\(file(of: version)): not version \(version) of the job keys")
            }
            sets.append(set)
        }
        return sets
    }

    private static let keptSets = 32

    private func writing<Value>(_ body: () throws(CredentialsError) -> Value) throws(JobKeyError) -> Value {
        do {
            return try body()
        } catch {
            throw JobKeyError(.file, error.description)
        }
    }

    private func signing<Value>(_ body: () throws(SigningError) -> Value) throws(JobKeyError) -> Value {
        do {
            return try body()
        } catch {
            throw JobKeyError(.damaged, error.message)
        }
    }
}
