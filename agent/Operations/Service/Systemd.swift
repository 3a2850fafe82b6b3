// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// The systemd of a host, over its own tool.
struct Systemd: Sendable {
    /// What runs the tool.
    private(set) var context: OperationContext
    /// Whether it runs; else units can only be enabled and disabled, which changes files alone.
    let isRunning: Bool

    /// Finds it.
    ///
    /// - Parameters:
    ///   - context: runs the tool.
    ///   - running: whether it has to run.
    /// - Throws: ``OperationError``: `skipped` where it is not there.
    init(_ context: OperationContext, running: Bool) throws(OperationError) {
        guard context.hasTool("systemctl") else { throw .notApplicable("this host has no systemd") }
        isRunning = Self.isBooted
        guard isRunning || !running else { throw .notApplicable("systemd does not run on this host") }
        self.context = context
    }

    /// Whether systemd runs this host (sd_booted(3)).
    static var isBooted: Bool { access("/run/systemd/system", F_OK) == 0 }

    /// The name of a unit with its ending; one without is a service.
    static func name(_ name: String) -> String {
        let endings = [
            ".service", ".socket", ".timer", ".target", ".mount", ".automount", ".path", ".slice", ".scope", ".swap",
            ".device",
        ]
        return endings.contains { name.hasSuffix($0) } ? name : name + ".service"
    }

    /// Does what the end of the run must not end.
    func shielded<Value: Sendable>(_ work: @escaping @Sendable (Systemd) async -> Value) async -> Value {
        await context.shielded { [self] context in
            var systemd = self
            systemd.context = context
            return await work(systemd)
        }
    }

    /// Runs systemctl.
    ///
    /// - Parameters:
    ///   - arguments: its arguments.
    ///   - ok: the exit codes that are no failure; nil for all.
    /// - Returns: what it answered.
    /// - Throws: ``OperationError``.
    func control(_ arguments: [String], ok: Set<Int32>? = [0]) async throws(OperationError) -> ToolResult {
        try await context.tool(
            ["systemctl", "--no-pager", "--no-ask-password"] + arguments,
            environment: isRunning ? [:] : ["SYSTEMD_OFFLINE": "1"],
            ok: ok
        )
    }

    /// How a unit is.
    func unit(_ name: String) async throws(OperationError) -> UnitState {
        guard isRunning else { return UnitState(name: name, unitFile: try await unitFileState(name)) }
        let names = UnitState.properties.joined(separator: ",")
        return UnitState(name: name, properties: try await control(["show", "--property", names, "--", name]).lines)
    }

    /// How a unit is, which has to be there and not masked.
    func loadedUnit(_ name: String) async throws(OperationError) -> UnitState {
        let unit = try await unit(name)
        if unit.isMasked { throw OperationError("unit_masked", "'\(name)' is masked: it cannot be started or enabled") }
        guard unit.isThere else { throw OperationError("unit_not_found", "this host has no unit '\(name)'") }
        if unit.isRunningKnown, unit.load != "loaded" {
            throw OperationError("unit_bad", "'\(name)' cannot be loaded: its file is faulty (\(unit.load))")
        }
        return unit
    }

    private func unitFileState(_ name: String) async throws(OperationError) -> String {
        // Anything but `enabled` is another exit code; a unit that is not there gives no line, or `not-found`.
        let state = try await control(["is-enabled", "--", name], ok: nil).lines.first.map(String.init) ?? ""
        return state == "not-found" ? "" : state
    }

    /// Has a unit do something, and waits until that is done.
    ///
    /// - Parameters:
    ///   - verb: what: `start`.
    ///   - name: the unit.
    /// - Returns: how the unit is afterwards.
    /// - Throws: ``OperationError`` with the last that the unit has logged.
    func act(_ verb: String, _ name: String) async throws(OperationError) -> UnitState {
        let before = try await unit(name)
        let result: ToolResult
        do throws(OperationError) {
            result = try await control([verb, "--", name], ok: nil)
        } catch {
            var error = error
            // systemctl only waits: what it has asked for goes on without it. Where nothing is seen of that, it may be
            // yet to begin.
            let after = await shielded { try? await $0.unit(name) }
            error.changed = after.map { $0.hasJob || !$0.doesSame(as: before) } == true ? true : nil
            throw error
        }
        // That the run's time is over by now does not undo it.
        guard let after = await shielded({ try? await $0.unit(name) }) else {
            throw OperationError("unit_unknown", "how '\(name)' is after 'systemctl \(verb)' cannot be found out")
        }
        guard result.exitCode != 0 else { return after }
        var error = OperationError(
            "\(verb.split(separator: "-").first ?? "")_failed",
            "'systemctl \(verb) \(name)' ended with exit code \(result.exitCode): \(await reason(name, after, result))"
        )
        error.changed = !after.doesSame(as: before)
        throw error
    }

    private func reason(_ name: String, _ state: UnitState, _ result: ToolResult) async -> String {
        let command = ["journalctl", "--unit", name, "--lines", "3", "--no-pager", "--output", "cat"]
        let log = (try? await context.tool(command))?.lines.map { $0.prefix(200) }.joined(separator: "; ") ?? ""
        let said = String(result.errors.split(whereSeparator: \.isNewline).first?.prefix(300) ?? "")
        return "\(said) (result: \(state.result))" + (log.isEmpty ? "" : "; its log ends with: \(log)")
    }

    /// Has systemd read its unit files again, where it runs.
    func reloadFiles() async throws(OperationError) {
        if isRunning { _ = try await control(["daemon-reload"]) }
    }
}
