// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A container that takes the place of another one of its name, which is kept until the new one runs.
struct ContainerReplacement: Sendable {
    let engine: ContainerEngine
    /// The one that has the name; nil for none.
    let old: HostContainer?
    let new: ContainerDescription

    /// Makes it and starts it.
    ///
    /// - Throws: ``OperationError``; then the old one is as it was, and `changed` says whether that is sure.
    func make() async throws(OperationError) {
        do throws(OperationError) {
            try await setAside()
            _ = try await engine.ask("POST", ["containers", "create"], query: ["name": new.name], body: new.request)
            _ = try await engine.ask("POST", ["containers", new.name, "start"], ok: [204, 304])
        } catch {
            var failure = error
            failure.changed = false
            // Shield: what ended the run must not end what takes it back.
            let undo = Task { await putBack() }
            if let reason = await undo.value {
                failure = failure.adding("; the container before it could not be put back: \(reason.message)")
                failure.changed = nil
            }
            throw failure
        }
        if let old {
            _ = try await engine.ask("DELETE", ["containers", old.id], query: ["force": "true"], ok: [200, 204, 404])
        }
    }

    /// The name of the old one in the meantime.
    private var otherName: String { "\(new.name)-before-\((old?.id ?? "").prefix(12))" }

    private func setAside() async throws(OperationError) {
        guard let old else { return }
        _ = try await engine.ask("POST", ["containers", old.id, "rename"], query: ["name": otherName])
        // Both want the same ports.
        if old.isRunning { _ = try await engine.ask("POST", ["containers", old.id, "stop"], ok: [204, 304]) }
    }

    /// Takes away what was made, and gives the old one its name back; answers what went wrong.
    private func putBack() async -> OperationError? {
        do throws(OperationError) {
            try await putBack(by: engine.forUndoing)
            return nil
        } catch {
            return error
        }
    }

    private func putBack(by engine: ContainerEngine) async throws(OperationError) {
        let there = try await HostContainer(new.name, of: engine)
        if let there, there.id != old?.id {
            _ = try await engine.ask(
                "DELETE",
                ["containers", there.id],
                query: ["force": "true"],
                ok: [200, 204, 404]
            )
        }
        guard let old else { return }
        if there?.id != old.id {
            _ = try await engine.ask("POST", ["containers", old.id, "rename"], query: ["name": old.name])
        }
        if old.isRunning { _ = try await engine.ask("POST", ["containers", old.id, "start"], ok: [204, 304]) }
    }
}
