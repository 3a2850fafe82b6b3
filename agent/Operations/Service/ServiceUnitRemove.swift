// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `service.unit.remove`: a unit file of the host's own that is not to be there; the unit is stopped and disabled before.
struct ServiceUnitRemove: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let unit: String
    }

    let type = "service.unit.remove"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let systemd = try Systemd(context, running: false)
        let name = parameters.unit
        let path = UnitFile.path(name)
        let data: [String: JSONValue] = ["unit": .string(name), "path": .string(path)]
        guard let state = try FileState(at: path) else { return .nothing(data) }
        guard state.kind == .file, let content = try HostFile.bytes(path) else {
            throw OperationError(
                "not_a_file",
                "'\(path)' is a \(state.kind.rawValue): a masked unit or one that is elsewhere"
            )
        }
        let unit = try await systemd.unit(name)
        let isEnabled = unit.isEnabled || unit.isEnabledAtRuntime
        var changes: [Plan.Change] = []
        if unit.isActive { changes.append(Plan.Change("unit \(name)", from: .string(unit.active), to: "stopped")) }
        if isEnabled {
            changes.append(Plan.Change("enablement of unit \(name)", from: .string(unit.unitFile), to: "disabled"))
        }
        let before: JSONValue = ["bytes": .int(state.size), "mode": .string(state.modeText)]
        let diff = state.mode & 0o004 == 0 ? nil : UnifiedDiff.between(path, content, nil)
        changes.append(Plan.Change(path, from: before, to: .null, diff: diff))
        return Plan(changes, data: data) {
            do throws(OperationError) {
                if unit.isActive { _ = try await systemd.act("stop", name) }
                if unit.isEnabled { _ = try await systemd.control(["disable", "--", name]) }
                // Links until the next start show when those that stay are gone.
                if isEnabled, try await systemd.unit(name).isEnabledAtRuntime {
                    _ = try await systemd.control(["disable", "--runtime", "--", name])
                }
                guard unlink(path) == 0 else { throw .system("cannot remove '\(path)'", errno) }
                try await systemd.reloadFiles()
            } catch {
                var error = error
                error.changed = await systemd.shielded { systemd in
                    var isBack = await UnitFile.restore(name, content, state, systemd)
                    var again: [[String]] = unit.isActive ? [["start"]] : []
                    if isEnabled { again.append(["enable"] + (unit.isEnabled ? [] : ["--runtime"])) }
                    for command in again {
                        isBack = (try? await systemd.control(command + ["--", name])) != nil && isBack
                    }
                    return isBack ? false : nil
                }
                throw error
            }
            return [:]
        }
    }
}
