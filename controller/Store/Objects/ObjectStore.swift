// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// The truth about stored objects but for their bytes: which names there are, what they stand for, and what jobs need.
///
/// Every method is one transaction, as those of ``JobStore`` are.
package protocol ObjectStore: Sendable {
    /// The object of this name; nil if there is none.
    ///
    /// - Throws: ``StoreError``.
    func object(named name: String) async throws -> ObjectRecord?

    /// Some of the objects, by their names.
    ///
    /// - Parameters:
    ///   - prefix: only those whose names begin so.
    ///   - name: only those whose names come after this one; nil for the first.
    ///   - limit: how many at most.
    /// - Returns: the part.
    /// - Throws: ``StoreError``.
    func objects(prefix: String, after name: String?, limit: Int) async throws -> [ObjectRecord]

    /// Has a name stand for some bytes.
    ///
    /// - Parameters:
    ///   - object: the name and what it is to stand for.
    ///   - audit: the line about it, written where anything is changed.
    ///   - place: puts the bytes to where they are kept, within the transaction, so that nobody takes them away between;
    ///     may be called twice.
    /// - Returns: what became of it.
    /// - Throws: ``StoreError``, and what `place` throws, made one.
    func keep(
        _ object: NewObject,
        audit: AuditEntry?,
        place: @escaping @Sendable () throws -> Void
    ) async throws -> ObjectKeeping

    /// Takes a name away; open jobs keep the bytes that they were submitted with.
    ///
    /// - Returns: whether there was one.
    /// - Throws: ``StoreError``.
    func removeObject(named name: String, audit: AuditEntry) async throws -> Bool

    /// How many bytes all objects have together, those that are yet to be taken away included.
    ///
    /// - Throws: ``StoreError``.
    func objectBytes() async throws -> Int64

    /// Which of these bytes are there.
    ///
    /// - Throws: ``StoreError``.
    func present(_ sha256: Set<String>) async throws -> Set<String>

    /// How many bytes an object has that an agent may fetch, since it has an open run of a job which needs it.
    ///
    /// - Returns: the size; nil where the agent has no such run.
    /// - Throws: ``StoreError``.
    func size(of sha256: String, neededBy agent: AgentID) async throws -> Int64?

    /// A job of which an agent has an open run.
    ///
    /// - Returns: the job without its timeline; nil where the agent has no such run.
    /// - Throws: ``StoreError``.
    func openRun(of job: JobID, by agent: AgentID) async throws -> Job?

    /// Takes a step in taking away what has no name and is needed by no open job.
    ///
    /// - Parameters:
    ///   - age: what nothing needs any more stays for this long, for jobs that are just being submitted.
    ///   - limit: how many rows are changed at most of each kind.
    ///   - now: the controller's time.
    ///   - discard: takes the bytes away, within the transaction.
    /// - Returns: what was done, and whether there is more to do at once.
    /// - Throws: ``StoreError``.
    func sweepObjects(
        unneededFor age: Duration,
        limit: Int,
        now: Timestamp,
        discard: @escaping @Sendable (String) throws -> Void
    ) async throws -> ObjectSweep
}
