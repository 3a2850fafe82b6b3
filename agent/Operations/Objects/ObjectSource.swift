// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Jobs

/// Brings the controller's stored objects to the host.
package protocol ObjectSource: Sendable {
    /// The object where the host has it already, whole and intact.
    ///
    /// It only looks: nothing is brought, nothing that is damaged is taken away, and it does not count as a use.
    ///
    /// - Returns: the file with its bytes; nil where the host has it not.
    /// - Throws: ``OperationError`` where there is no controller; `CancellationError`.
    func held(_ object: ObjectReference) async throws -> ObjectFile?

    /// Brings an object to the host, where it is not there yet.
    ///
    /// - Parameter object: what the job's parameters name.
    /// - Returns: the file with its bytes, whose SHA-256 has been verified.
    /// - Throws: ``OperationError``, `CancellationError`. What was fetched so far is gone on with the next time.
    func fetch(_ object: ObjectReference) async throws -> ObjectFile

    /// Gives a file of the host to the controller's objects.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - maximumBytes: the most bytes that it may have.
    ///   - jobID: the job whose parameters say what it is called there.
    /// - Returns: the object.
    /// - Throws: ``OperationError``, `CancellationError`.
    func store(_ path: String, atMost maximumBytes: Int64, for jobID: JobID) async throws -> ObjectReference
}

/// The bytes of an object as a file, which stays for as long as somebody has this.
package final class ObjectFile: Sendable {
    /// Where it is; to be read, and not changed.
    package let path: String
    private let use: @Sendable () -> Void
    private let release: @Sendable () -> Void

    /// Makes a file.
    ///
    /// - Parameters:
    ///   - path: where it is.
    ///   - use: notes that it is used.
    ///   - release: called when nobody needs it any more.
    package init(
        path: String,
        use: @escaping @Sendable () -> Void = {},
        release: @escaping @Sendable () -> Void = {}
    ) {
        self.path = path
        self.use = use
        self.release = release
    }

    /// Notes that it is used: what was not used for longest is the first to go.
    func noteUse() { use() }

    deinit {
        release()
    }

    /// Opens it to be read.
    ///
    /// - Parameter name: what it is called in messages.
    /// - Returns: the open file.
    /// - Throws: ``OperationError`` where it cannot be opened.
    func open(as name: String) throws(OperationError) -> OpenFile {
        let number = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard number >= 0 else { throw .system("cannot open the object '\(name)'", errno) }
        return try OpenFile(owning: FileDescriptor(owning: number), name)
    }
}

/// What an agent without a controller has: `broker-agent operation run`.
package struct NoObjects: ObjectSource {
    var error: OperationError {
        OperationError("no_controller", "stored objects come from a controller, and this runs without one")
    }

    /// Makes it.
    package init() {}

    package func held(_ object: ObjectReference) async throws -> ObjectFile? { throw error }

    package func fetch(_ object: ObjectReference) async throws -> ObjectFile { throw error }

    package func store(_ path: String, atMost maximumBytes: Int64, for jobID: JobID) async throws -> ObjectReference {
        throw error
    }
}

extension ObjectReference {
    /// What the name stands for.
    ///
    /// - Throws: ``OperationError`` for a name that no controller has resolved.
    func resolved() throws(OperationError) -> (sha256: String, size: Int64) {
        guard let sha256, let size else {
            throw OperationError("no_controller", "no controller has said what the object '\(name)' stands for")
        }
        return (sha256, size)
    }
}

extension OperationContext {
    /// Brings an object to the host within the time of the run.
    ///
    /// ```swift
    /// let object = try await context.fetch(parameters.object)
    /// let file = try object.open(as: parameters.object.name)
    /// ```
    ///
    /// - Parameter object: what the job's parameters name.
    /// - Returns: the file with its bytes, whose SHA-256 has been verified.
    /// - Throws: ``OperationError``: `no_controller` in `broker-agent operation run`, `timed_out`, `object_refused`,
    ///   `object_corrupt`, `object_too_large`, `no_space`; `CancellationError`.
    package func fetch(_ object: ObjectReference) async throws -> ObjectFile {
        try await withinTime("the object '\(object.name)' was not fetched") { try await objects.fetch(object) }
    }

    /// The object for a plan: brought to the host within the time of the run, but in a dry run only looked for there.
    ///
    /// - Parameter object: what the job's parameters name.
    /// - Returns: the file with its bytes; nil in a dry run where the host has it not.
    /// - Throws: ``OperationError`` as ``fetch(_:)``, `CancellationError`.
    package func available(_ object: ObjectReference) async throws -> ObjectFile? {
        isDryRun ? try await held(object) : try await fetch(object)
    }

    /// The object where the host has it already, found out within the time of the run.
    ///
    /// - Parameter object: what the job's parameters name.
    /// - Returns: the file with its bytes; nil where the host has it not.
    /// - Throws: ``OperationError``, `CancellationError`.
    func held(_ object: ObjectReference) async throws -> ObjectFile? {
        try await withinTime("the object '\(object.name)' was not looked at") { try await objects.held(object) }
    }

    /// Gives a file of the host to the controller's objects within the time of the run.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - maximumBytes: the most bytes that it may have.
    /// - Returns: the object.
    /// - Throws: ``OperationError``, `CancellationError`.
    package func store(_ path: String, atMost maximumBytes: Int64) async throws -> ObjectReference {
        guard let jobID else { throw NoObjects().error }
        return try await withinTime("'\(path)' was not taken in") {
            try await objects.store(path, atMost: maximumBytes, for: jobID)
        }
    }

    private func withinTime<Value: Sendable>(
        _ complaint: String,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask { [deadline] in
                try await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            defer { group.cancelAll() }
            if let value = try await group.next() ?? nil { return value }
            var error = OperationError("timed_out", "\(complaint): the time of the run was over")
            error.state = .timedOut
            throw error
        }
    }
}
