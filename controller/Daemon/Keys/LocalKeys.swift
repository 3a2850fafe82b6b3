// SPDX-License-Identifier: Apache-2.0

import Access
import FoundationEssentials
import JobDispatch
import Jobs
import Store

/// Makes keys on the controller's host itself: the first one, and one for who has lost all others.
///
/// Whoever may write the database needs no key for that. It is done while no controller runs, since a running one knows its
/// keys by heart.
struct LocalKeys {
    /// The controller's state directory; it is made where there is none.
    let directory: String

    /// Makes a key with all scopes and without limits.
    ///
    /// - Parameters:
    ///   - name: who is going to use it.
    ///   - now: the time.
    /// - Returns: its secret, which is not to be had again.
    /// - Throws: ``Failure`` where the name is taken or none, a controller runs, or the database cannot be written.
    func create(name: String, now: Timestamp) async throws -> String {
        let secret = KeySecret.random()
        try await add([(name: name, id: secret.id, hash: secret.hash)], now: now)
        return secret.text
    }

    /// Takes keys over from a file of an older version: a line a key, its name and the SHA-256 of its secret.
    ///
    /// - Returns: the names.
    /// - Throws: ``Failure`` with the line that is wrong; as ``create(name:now:)``.
    func importKeys(from path: String, now: Timestamp) async throws -> [String] {
        guard let data = FileManager.default.contents(atPath: path) else { throw Failure("\(path): cannot be read") }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        var keys: [(name: String, id: String, hash: [UInt8])] = []
        for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            let parts = line.split(separator: " ").map(String.init)
            guard parts.count == 2, let hash = Hexadecimal.bytes(parts[1]), hash.count == 32 else {
                throw Failure("\(path), line \(index + 1): not a name and a SHA-256")
            }
            // Their secrets have no public beginning.
            keys.append((name: parts[0], id: "old_" + Hexadecimal.text(hash.prefix(6)), hash: hash))
        }
        try await add(keys, now: now)
        return keys.map(\.name)
    }

    private func add(_ keys: [(name: String, id: String, hash: [UInt8])], now: Timestamp) async throws {
        for key in keys {
            do { try KeyName.check(key.name) } catch { throw Failure("'\(key.name.prefix(100))': \(error.message)") }
        }
        try await withStore { store in
            for key in keys {
                let record = KeyRecord(id: key.id, name: key.name, scopes: [.admin], createdAt: now)
                let audit = AuditEntry(
                    time: now,
                    action: AuditAction.createKey,
                    subject: "\(key.name) (\(key.id))",
                    detail: "scopes admin; on the controller's host"
                )
                switch try await store.create(StoredKey(record: record, secretHash: key.hash), audit: audit) {
                case .created: continue
                case .nameTaken: throw Failure("there is a key called '\(key.name)' already")
                case .tooMany: throw Failure("there are \(KeyCreation.maximumKeys) keys; revoke some of them")
                }
            }
        }
    }

    private func withStore(_ body: (SQLiteStore) async throws -> Void) async throws {
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            throw Failure("\(directory): the directory cannot be made")
        }
        let lock: StateLock
        do { lock = try StateLock(directory: directory) } catch {
            throw Failure("\(error); with a running one, use: broker keys create")
        }
        let store: SQLiteStore
        do { store = try SQLiteStore(path: directory + "/broker.sqlite") } catch { throw Failure(directory, error) }
        do {
            try await body(store)
        } catch {
            try? await store.close()
            throw Failure("no key was made", error)
        }
        try await store.close()
        _ = consume lock
    }
}
