// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store

extension JobService {
    /// The submission with what the names of objects stand for now: what is stored, signed and delivered.
    ///
    /// A client may give a reference that is resolved already, to say what the name must stand for.
    ///
    /// - Throws: ``SubmissionError`` where there is no such object, or the name stands for other bytes; `StoreError`.
    func resolvingObjects(_ request: JobRequest, _ catalogue: OperationCatalogue) async throws -> JobRequest {
        let wanted = catalogue.objects(in: request.operation)
        guard !wanted.isEmpty else { return request }
        var known: [String: ObjectReference] = [:]
        for name in Set(wanted.map(\.name)) {
            guard let record = try await objects?.object(named: name) else { continue }
            known[name] = ObjectReference(name: name, sha256: record.sha256, size: record.size)
        }
        let resolved = try catalogue.mapObjects(in: request.operation) { (asked, pointer) throws(SubmissionError) in
            guard let found = known[asked.name] else { throw fault("there is no object '\(asked.name)'", pointer) }
            guard asked.sha256 == nil || asked == found else {
                throw fault("the object '\(asked.name)' has other bytes than these", pointer)
            }
            return found
        }
        return request.asking(for: resolved)
    }

    /// Checks that the bytes are still there which a job was submitted with, whatever their names stand for by now.
    ///
    /// - Throws: ``SubmissionError`` where some are not, `StoreError`.
    func checkObjects(of request: JobRequest, _ catalogue: OperationCatalogue) async throws {
        let wanted = Set(catalogue.objects(in: request.operation).compactMap(\.sha256))
        guard !wanted.isEmpty else { return }
        let present = try await objects?.present(wanted) ?? []
        _ = try catalogue.mapObjects(in: request.operation) { (reference, pointer) throws(SubmissionError) in
            guard let sha256 = reference.sha256, present.contains(sha256) else {
                throw fault("the bytes of the object '\(reference.name)' have been deleted", pointer)
            }
            return reference
        }
    }

    private func fault(_ detail: String, _ pointer: String) -> SubmissionError {
        SubmissionError(
            .invalidParameters,
            detail,
            faults: [Fault(pointer: "/operation/data\(pointer)", detail: detail)]
        )
    }
}
