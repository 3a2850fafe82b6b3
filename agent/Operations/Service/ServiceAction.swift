// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `service.start`, `service.stop`, `service.restart` and `service.reload`: what a unit does now.
struct ServiceAction: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let unit: String
        let onlyIfActive: Bool?
        let orRestart: Bool?
    }

    /// What a unit is to do.
    enum Verb: String, Sendable {
        case start, stop, restart, reload
    }

    let verb: Verb

    var type: String { "service.\(verb.rawValue)" }

    init(_ verb: Verb) {
        self.verb = verb
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let systemd = try Systemd(context, running: true)
        let name = Systemd.name(parameters.unit)
        let unit = verb == .stop ? try await systemd.unit(name) : try await systemd.loadedUnit(name)
        guard unit.isThere else { throw OperationError("unit_not_found", "this host has no unit '\(name)'") }
        let data: [String: JSONValue] = ["unit": .string(name), "active_state": .string(unit.active)]
        guard let command = try command(for: unit, parameters) else { return .nothing(data) }
        let change = Plan.Change("unit \(name)", from: .string(unit.active), to: .string(outcome))
        return Plan([change], data: data) {
            let after = try await systemd.act(command, name)
            return ["active_state": .string(after.active), "main_pid": after.mainPID > 0 ? .int(after.mainPID) : .null]
        }
    }

    /// What systemctl is told; nil where there is nothing to do.
    private func command(for unit: UnitState, _ parameters: Parameters) throws(OperationError) -> String? {
        switch verb {
        case .start: return unit.isActive ? nil : "start"
        case .stop: return unit.isActive || unit.active == "deactivating" ? "stop" : nil
        case .restart: return unit.isActive || parameters.onlyIfActive != true ? "restart" : nil
        case .reload:
            if !unit.isActive {
                if parameters.onlyIfActive == true { return nil }
                throw OperationError("unit_inactive", "'\(unit.name)' does not run, so that it cannot be reloaded")
            }
            if unit.canReload { return "reload" }
            if parameters.orRestart == true { return "restart" }
            throw OperationError("cannot_reload", "'\(unit.name)' cannot be reloaded; say or_restart, or restart it")
        }
    }

    private var outcome: String {
        switch verb {
        case .start: "started"
        case .stop: "stopped"
        case .restart: "restarted"
        case .reload: "reloaded"
        }
    }
}
