// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A container that takes the place of another one of its name, which is kept until the new one runs.
struct ContainerReplacement: Sendable {
    let engine: ContainerEngine
    /// The one that has the name; nil for none.
    let old: HostContainer?
    let new: ContainerDescription

    /// What is known of the new one; nothing else of its name is ever taken away.
    private enum Made: Sendable {
        case nothing
        /// The engine was asked and has not answered.
        case unknown
        case container(id: String)
    }

    /// Makes it and starts it.
    ///
    /// - Throws: ``OperationError``. Before the new one runs, the old one is then as it was, and `changed` says whether that
    ///   is sure; afterwards `changed` is true.
    func make() async throws(OperationError) {
        // By this label the new one is known where the engine did not answer.
        let mark = "\(UInt64.random(in: .min ... .max))"
        var made = Made.nothing
        do throws(OperationError) {
            try await setAside()
            made = .unknown
            let query: KeyValuePairs = ["name": new.name]
            let body = new.request(mark: mark)
            let answer = try await engine.ask("POST", ["containers", "create"], query: query, body: body, ok: nil)
            guard answer.status == 201, let id = answer.json["Id"]?.string else {
                // Most of all 409: somebody else has taken the name.
                if answer.status != 201 { made = .nothing }
                throw ContainerEngine.failure("POST", "/containers/create?name=\(new.name)", answer)
            }
            made = .container(id: id)
            _ = try await engine.ask("POST", ["containers", id, "start"], ok: [204, 304])
        } catch {
            var failure = error
            failure.changed = false
            // Shield: what ended the run must not end what takes it back.
            let undo = Task { [made] in await putBack(made, mark) }
            if let reason = await undo.value {
                failure = failure.adding("; what was done could not be taken back: \(reason.message)")
                failure.changed = nil
            }
            throw failure
        }
        if let old { try await remove(old) }
    }

    /// Takes the old one away, which the new one has replaced by now.
    private func remove(_ old: HostContainer) async throws(OperationError) {
        let engine = engine.forUndoing
        // Shield: a run that is cancelled now would leave both.
        let removal = Task {
            await fault { () throws(OperationError) in
                let query: KeyValuePairs = ["force": "true"]
                _ = try await engine.ask("DELETE", ["containers", old.id], query: query, ok: [200, 204, 404])
            }
        }
        guard let error = await removal.value else { return }
        throw OperationError(
            "old_not_removed",
            "the new container runs, and the one before it stays as '\(otherName)': \(error.message)",
            changed: true
        )
    }

    /// The name of the old one in the meantime.
    private var otherName: String { "\(new.name)-before-\((old?.id ?? "").prefix(12))" }

    private func setAside() async throws(OperationError) {
        guard let old else { return }
        _ = try await engine.ask("POST", ["containers", old.id, "rename"], query: ["name": otherName])
        // Both want the same ports.
        if old.isRunning { _ = try await engine.ask("POST", ["containers", old.id, "stop"], ok: [204, 304]) }
    }

    // MARK: Going back

    /// Takes away what was made, and gives the old one its name back; answers what went wrong first.
    private func putBack(_ made: Made, _ mark: String) async -> OperationError? {
        let engine = engine.forUndoing
        // The old one is to run again whatever becomes of the rest.
        let faults = [
            await fault { () throws(OperationError) in try await remove(made, mark, by: engine) },
            await fault { () throws(OperationError) in try await rename(by: engine) },
            await fault { () throws(OperationError) in
                guard let old, old.isRunning else { return }
                _ = try await engine.ask("POST", ["containers", old.id, "start"], ok: [204, 304])
            },
        ]
        return faults.compactMap { $0 }.first
    }

    private func fault(_ step: () async throws(OperationError) -> Void) async -> OperationError? {
        do throws(OperationError) {
            try await step()
            return nil
        } catch {
            return error
        }
    }

    private func remove(_ made: Made, _ mark: String, by engine: ContainerEngine) async throws(OperationError) {
        let id: String
        switch made {
        case .nothing: return
        case .container(let own): id = own
        case .unknown:
            guard let there = try await HostContainer(new.name, of: engine), there.mark == mark else { return }
            id = there.id
        }
        // With the volumes that it has got for itself alone.
        let query: KeyValuePairs = ["force": "true", "v": "true"]
        _ = try await engine.ask("DELETE", ["containers", id], query: query, ok: [200, 204, 404])
    }

    private func rename(by engine: ContainerEngine) async throws(OperationError) {
        guard let old, let there = try await HostContainer(old.id, of: engine), there.name != old.name else { return }
        _ = try await engine.ask("POST", ["containers", old.id, "rename"], query: ["name": old.name])
    }
}
