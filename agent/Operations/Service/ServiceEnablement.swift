// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `service.enable` and `service.disable`: whether a unit is started with the host.
///
/// This changes links to unit files, so that it works where systemd does not run, as in an image that is being made.
struct ServiceEnablement: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let unit: String
        let now: Bool
        let mask: Bool?
        let unmask: Bool?
    }

    let enables: Bool

    var type: String { enables ? "service.enable" : "service.disable" }

    init(enables: Bool) {
        self.enables = enables
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let systemd = try Systemd(context, running: parameters.now)
        let name = Systemd.name(parameters.unit)
        let unit = try await systemd.unit(name)
        guard unit.isThere else { throw OperationError("unit_not_found", "this host has no unit '\(name)'") }
        let steps = enables ? try enabling(unit, parameters) : try disabling(unit, parameters)
        let data: [String: JSONValue] = ["unit": .string(name), "enabled": .string(unit.unitFile)]
        var changes: [Plan.Change] = []
        if steps.contains(where: \.isFile) {
            let after = enables ? "enabled" : parameters.mask == true ? "masked" : "disabled"
            changes.append(Plan.Change("enablement of unit \(name)", from: .string(unit.unitFile), to: .string(after)))
        }
        if steps.contains(where: { !$0.isFile }) {
            let after = enables ? "started" : "stopped"
            changes.append(Plan.Change("unit \(name)", from: .string(unit.active), to: .string(after)))
        }
        guard !changes.isEmpty else { return .nothing(data) }
        return Plan(changes, data: data) {
            try await Self.perform(steps, unit, systemd)
            let after = await systemd.shielded { try? await $0.unit(name) }
            return after.map { ["enabled": .string($0.unitFile)] } ?? [:]
        }
    }

    /// A call of systemctl, and the one that takes it back.
    private struct Step: Sendable {
        let verb: String
        let undo: String
        var options: [String] = []
        var isFile = true
        /// Only where systemd says this of the unit file by then; nil for in any case.
        var onlyIn: String?

        /// Links until the next start, which show when those that stay are gone.
        static func runtime(_ verb: String, undo: String, onlyIn state: String) -> Step {
            Step(verb: verb, undo: undo, options: ["--runtime"], onlyIn: state)
        }
    }

    private func enabling(_ unit: UnitState, _ parameters: Parameters) throws(OperationError) -> [Step] {
        var steps: [Step] = []
        if unit.isMasked {
            guard parameters.unmask == true else {
                throw OperationError("unit_masked", "'\(unit.name)' is masked; say unmask")
            }
            if unit.unitFile != "masked-runtime" { steps.append(Step(verb: "unmask", undo: "mask")) }
            steps.append(.runtime("unmask", undo: "mask", onlyIn: "masked-runtime"))
        } else if !unit.isEnabled, !unit.canBeEnabled {
            throw OperationError(
                "cannot_enable",
                "'\(unit.name)' is \(unit.unitFile.isEmpty ? "without a unit file" : unit.unitFile), and not to be enabled"
            )
        }
        if !unit.isEnabled { steps.append(Step(verb: "enable", undo: "disable")) }
        if parameters.now, !unit.isActive { steps.append(Step(verb: "start", undo: "stop", isFile: false)) }
        return steps
    }

    private func disabling(_ unit: UnitState, _ parameters: Parameters) throws(OperationError) -> [Step] {
        var steps: [Step] = []
        if parameters.now, unit.isActive { steps.append(Step(verb: "stop", undo: "start", isFile: false)) }
        if unit.isEnabled { steps.append(Step(verb: "disable", undo: "enable")) }
        if unit.isEnabled || unit.isEnabledAtRuntime {
            steps.append(.runtime("disable", undo: "enable", onlyIn: "enabled-runtime"))
        }
        if parameters.mask == true, !unit.isMasked {
            // A masked unit is a link in the place of that file.
            let path = UnitFile.path(unit.name)
            guard try FileState(at: path)?.kind != .file else {
                throw OperationError(
                    "cannot_mask",
                    "'\(path)' is the host's own file of the unit; service.unit.remove removes it"
                )
            }
            steps.append(Step(verb: "mask", undo: "unmask"))
        }
        return steps
    }

    /// Takes all of the steps, or takes back those that were begun.
    ///
    /// - Throws: ``OperationError``, whose `changed` is what can be seen of the unit then.
    private static func perform(
        _ steps: [Step],
        _ before: UnitState,
        _ systemd: Systemd
    ) async throws(OperationError) {
        let name = before.name
        var begun: [Step] = []
        do throws(OperationError) {
            for step in steps {
                if let state = step.onlyIn, try await systemd.unit(name).unitFile != state { continue }
                begun.append(step)
                if step.isFile {
                    _ = try await systemd.control([step.verb] + step.options + ["--", name])
                } else {
                    _ = try await systemd.act(step.verb, name)
                }
            }
        } catch {
            var error = error
            // What did nothing asks for nothing: a unit that has failed stays so, for people to look at.
            if let last = begun.last, !last.isFile, error.changed == false { begun.removeLast() }
            let after = await systemd.shielded { [begun] systemd in
                for step in begun.reversed() {
                    _ = try? await systemd.control([step.undo] + step.options + ["--", name], ok: nil)
                }
                return try? await systemd.unit(name)
            }
            error.changed = after.map { unit in
                unit.unitFile != before.unitFile || unit.isActive != before.isActive || unit.hasJob && !before.hasJob
            }
            throw error
        }
    }
}
