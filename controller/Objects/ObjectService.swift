// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs
package import Logging
import NIOPosix
import ServiceLifecycle
package import Store

/// Keeps files for jobs: takes them in, gives them out, and takes away what nothing needs any more.
///
/// What an object is, its SHA-256 says; a name stands for one at a time, and for another one later. Open jobs keep the
/// bytes that their parameters named when they were submitted, whatever becomes of the name.
package struct ObjectService: Service {
    /// Names, and what jobs need.
    package let store: any ObjectStore
    /// How much is kept.
    package let limits: ObjectLimits
    private let directory: ObjectDirectory
    private let places: UploadPlaces
    private let wallClock: @Sendable () -> Timestamp
    private let logger: Logger

    private static let interval: Duration = .seconds(10)
    private static let rowsPerStep = 100

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - store: names, and what jobs need.
    ///   - directory: where the bytes are.
    ///   - limits: how much is kept.
    ///   - wallClock: the controller's time.
    ///   - logger: for what was taken away and what could not be.
    package init(
        store: any ObjectStore,
        directory: ObjectDirectory,
        limits: ObjectLimits = ObjectLimits(),
        wallClock: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.store = store
        self.directory = directory
        self.limits = limits
        self.wallClock = wallClock
        self.logger = logger
        places = UploadPlaces(limits)
    }

    // MARK: Taking in

    /// Begins to take an object in.
    ///
    /// - Parameters:
    ///   - key: whose it is: a key has a bounded number of them at one time.
    ///   - length: how many bytes are announced; nil where nothing is.
    ///   - maximumBytes: the most bytes that it may have, where that is less than any may have.
    /// - Returns: where its bytes go.
    /// - Throws: ``ObjectError``, `StoreError`.
    package func begin(
        for key: String,
        expecting length: Int64?,
        atMost maximumBytes: Int64 = .max
    ) async throws -> ObjectDraft {
        let maximum = min(maximumBytes, limits.maximumBytes)
        if let length, length > maximum { throw ObjectError(.tooLarge, "an object has at most \(maximum) bytes") }
        let place = try places.take(for: key, expecting: length, stored: try await store.objectBytes())
        return try ObjectDraft(in: directory, place, maximumBytes: maximum)
    }

    /// What is to become of a draft.
    package struct Naming: Sendable {
        /// The name.
        package let name: String
        /// What its bytes must have as SHA-256; nil for anything.
        package var sha256: String?
        /// Whether there must be no object of this name yet.
        package var mustBeNew = false
        /// By whom.
        package let createdBy: String?

        /// Makes a value of its parts.
        package init(name: String, sha256: String? = nil, mustBeNew: Bool = false, createdBy: String?) {
            self.name = name
            self.sha256 = sha256
            self.mustBeNew = mustBeNew
            self.createdBy = createdBy
        }
    }

    /// Gives a draft its name: the object is on the disk when this returns.
    ///
    /// - Parameters:
    ///   - draft: whose bytes have all come in.
    ///   - naming: the name, and what is expected.
    ///   - audit: makes the line of the audit log about it, of the record.
    /// - Returns: the record, and whether there was none of this name before.
    /// - Throws: ``ObjectError``, `StoreError`.
    package func finish(
        _ draft: ObjectDraft,
        as naming: Naming,
        audit: (ObjectRecord) -> AuditEntry?
    ) async throws -> (record: ObjectRecord, isNew: Bool) {
        let sha256 = try await draft.seal()
        guard naming.sha256 ?? sha256 == sha256 else {
            throw ObjectError(
                .digestMismatch,
                "the bytes have the SHA-256 \(sha256), and not the one that was announced"
            )
        }
        let record = ObjectRecord(
            name: naming.name,
            sha256: sha256,
            size: draft.size,
            createdAt: wallClock(),
            createdBy: naming.createdBy
        )
        let object = NewObject(record: record, mustBeNew: naming.mustBeNew, maximumTotal: limits.totalBytes)
        let keeping = try await store.keep(object, audit: audit(record)) { [directory, path = draft.path] in
            try directory.place(path, as: sha256)
        }
        switch keeping {
        case .created(let record): return (record, true)
        case .replaced(let record), .unchanged(let record): return (record, false)
        case .exists: throw ObjectError(.exists, "there is an object '\(naming.name)' already")
        case .full:
            let most = limits.totalBytes
            throw ObjectError(.full, "all objects together have at most \(most) bytes; delete some of them")
        }
    }

    // MARK: Giving out

    /// The bytes of an object.
    ///
    /// - Throws: `StoreError`.
    package func content(of sha256: String) async throws -> ObjectContent {
        try await NIOThreadPool.singleton.runIfActive { [directory] in try ObjectContent(try directory.open(sha256)) }
    }

    // MARK: Taking away

    /// Takes away what nothing needs any more, until shutdown.
    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    while try await sweep().isMore {}
                } catch let error as StoreError {
                    logger.error("objects could not be taken away", metadata: ["error": "\(error)"])
                }
                do { try await Task.sleep(for: Self.interval) } catch { return }
            }
        }
    }

    /// Takes away what a crash has left; to be called before anything is taken in.
    ///
    /// - Throws: `StoreError`.
    package func removeStrays() async throws {
        try await directory.removeStrays { try await store.present($0) }
    }

    /// One step.
    ///
    /// - Returns: what was done, and whether there is more to do at once.
    /// - Throws: `StoreError`.
    package func sweep() async throws -> ObjectSweep {
        let step = try await store.sweepObjects(
            unneededFor: limits.sweepAge,
            limit: Self.rowsPerStep,
            now: wallClock()
        ) { [directory] in try directory.discard($0) }
        if step.removed > 0 {
            logger.info("objects that nothing needs were deleted", metadata: ["objects": "\(step.removed)"])
            try await NIOThreadPool.singleton.runIfActive { [directory] in directory.empty() }
        }
        return step
    }
}
