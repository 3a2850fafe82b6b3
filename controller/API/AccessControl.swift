// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Access
import HTTPTypes
import Hummingbird
package import Jobs
package import Logging
import ServiceLifecycle
package import Store
import Synchronization
package import Tokens

/// Who may use the API: keys, what they may do, how often, and the log of what was refused.
///
/// As a service it writes down, each minute, when keys were last used and how many attempts were refused beyond those that
/// have lines of their own; who runs it does so once more when all who ask have ended. A crash loses that minute of both.
package final class AccessControl: Service {
    /// How often and from how many may be asked.
    package struct Limits: Sendable {
        /// What a key may ask; nil for any number.
        package var requests = Quota.perMinute(60_000)
        /// How often an address may fail to show a key.
        package var failures = Quota(limit: 60, window: .seconds(60))

        /// The defaults.
        package init() {}
    }

    /// How many addresses are remembered that have failed to show a key.
    private static let addresses = 10_000
    private static let round: Duration = .seconds(60)

    let store: any AccessStore
    let limits: Limits
    private let wallClock: @Sendable () -> Timestamp
    private let steadyClock: @Sendable () -> ContinuousClock.Instant
    private let tokens: TokenVerifier?
    private let logger: Logger
    private let ring: Mutex<KeyRing>
    private let failures: Mutex<RateLimiter<String>>
    private let requests: Mutex<RateLimiter<String>?>
    private let refusals = Mutex(RefusalLog())

    /// Makes it of the keys that the store has.
    ///
    /// - Parameters:
    ///   - store: where keys and the audit log are.
    ///   - limits: how often may be asked.
    ///   - wallClock: the controller's time.
    ///   - steadyClock: the time that quotas go by.
    ///   - tokens: checks tokens of an identity provider; nil where none are accepted.
    ///   - logger: for what could not be written down.
    /// - Throws: ``StoreError``; ``AccessError`` for a stored key that cannot be read.
    package init(
        store: any AccessStore,
        limits: Limits = Limits(),
        wallClock: @escaping @Sendable () -> Timestamp,
        steadyClock: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        tokens: TokenVerifier? = nil,
        logger: Logger
    ) async throws {
        self.store = store
        self.limits = limits
        self.wallClock = wallClock
        self.steadyClock = steadyClock
        self.tokens = tokens
        self.logger = logger
        ring = Mutex(try KeyRing(try await store.keys()))
        failures = Mutex(RateLimiter(limits.failures, capacity: Self.addresses))
        requests = Mutex(limits.requests.map { RateLimiter($0, capacity: 2 * KeyCreation.maximumKeys) })
    }

    /// Works until shutdown.
    package func run() async throws {
        let now = wallClock()
        if keys(where: { $0.isUsable(at: now) }).isEmpty {
            logger.warning("nobody has a key; stop the controller and make one: broker-controller keys create NAME")
        }
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try await Task.sleep(for: Self.round)
                await self.writeDown()
            }
        }
    }

    /// Writes down what was only counted; what the store does not take is kept, or told in the log.
    package func writeDown() async {
        let uses = ring.withLock { $0.takeUses() }
        let lines = refusals.withLock { $0.endRound(at: wallClock()) }
        do {
            try await store.noteUses(uses)
            try await store.append(lines)
        } catch {
            ring.withLock { $0.putBack(uses) }
            logger.error(
                "the uses of keys and counts of refusals could not be written down",
                metadata: ["error": "\(error)", "refusals": "\(lines.reduce(0) { $0 + $1.count })"]
            )
        }
    }

    // MARK: Requests

    /// Whom a request comes from.
    ///
    /// A key that is good is let in however often others have failed from its address: its secret has too many bits to be
    /// guessed, and nobody is to be locked out by a neighbour behind the same address. Who shows nothing has tried nothing.
    ///
    /// - Throws: ``APIError`` `unauthorized`; `too_many_requests` where the address has failed too often.
    func principal(of headers: HTTPFields, from address: String?) throws(APIError) -> Principal {
        do {
            let secret = try Credentials.secret(in: headers)
            let now = wallClock()
            if let tokens, TokenVerifier.isToken(secret) { return try Principal(token: secret, tokens, now) }
            return try ring.withLock { (ring) throws(APIError) in try ring.principal(for: secret, now: now) }
        } catch {
            guard Credentials.areShown(in: headers) else { throw error }
            let source = AddressGroup.of(address)
            guard case .refused(let wait) = failures.withLock({ $0.take(source, now: steadyClock()) }) else {
                throw error
            }
            var refusal = APIError(.tooManyRequests, "too many attempts with a wrong key from this address")
            refusal.headers[.retryAfter] = "\(wait.wholeSeconds)"
            throw refusal
        }
    }

    /// Counts a request of a key.
    ///
    /// - Returns: what its answer says of the quota; nothing where there is none.
    /// - Throws: ``APIError`` `too_many_requests`.
    func count(_ principal: Principal) throws(APIError) -> HTTPFields {
        guard let quota = limits.requests,
            let decision = requests.withLock({ $0?.take(principal.keyID, now: steadyClock()) })
        else { return [:] }
        switch decision {
        case .allowed(let left): return RateLimitHeaders.fields(quota, remaining: left.count, reset: left.reset)
        case .refused(let wait):
            let often = "\(quota.limit) times in \(quota.window.wholeSeconds) seconds"
            let detail = "the key '\(principal.name)' may ask \(often)"
            var refusal = APIError(.tooManyRequests, detail)
            refusal.headers = RateLimitHeaders.fields(quota, remaining: 0, reset: quota.window)
            refusal.headers[.retryAfter] = "\(wait.wholeSeconds)"
            throw refusal
        }
    }

    /// Puts a refused attempt into the audit log, or counts it where there are too many.
    func note(_ refusal: APIError, of requester: Requester, action: String, subject: String?) async {
        let entry = AuditEntry(
            time: wallClock(),
            actor: requester.name,
            keyID: requester.keyID,
            action: action,
            outcome: .refused,
            code: refusal.code.rawValue,
            address: requester.address,
            requestID: requester.requestID,
            subject: subject,
            detail: refusal.message
        )
        guard refusals.withLock({ $0.take(entry) }) else { return }
        do {
            try await store.append([entry])
        } catch {
            // The refusal itself stands.
            logger.error("a refused attempt could not be written down", metadata: ["error": "\(error)"])
        }
    }

    // MARK: Keys

    /// Some of the keys, newest first.
    func keys(where isWanted: (KeyRecord) -> Bool) -> [KeyRecord] {
        // A copy, since a long list is not to keep requests waiting.
        let ring = ring.withLock { $0 }
        return ring.records(where: isWanted)
    }

    /// The record of a key; nil if there is none.
    func key(_ id: String) -> KeyRecord? { ring.withLock { $0.record(id) } }

    /// Commits a key, and lets it in from then on.
    func create(_ key: StoredKey, audit: AuditEntry) async throws -> KeyCreation {
        let creation = try await store.create(key, audit: audit)
        if case .created(let forgotten) = creation {
            try ring.withLock { (ring) throws(AccessError) in
                if let forgotten { ring.forget(forgotten) }
                try ring.add(key)
            }
        }
        return creation
    }

    /// Revokes a key, and lets it in no more.
    func revoke(_ id: String, by requester: Requester, audit: AuditEntry) async throws -> KeyRecord? {
        guard let record = try await store.revokeKey(id, by: requester.name, audit: audit) else { return nil }
        ring.withLock { $0.revoke(record) }
        return record
    }
}
