// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `service.unit.deploy`: a unit file of the host's own.
struct ServiceUnitDeploy: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let unit: String
        let content: String
        let verify: Bool
    }

    let type = "service.unit.deploy"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let systemd = try Systemd(context, running: false)
        let name = parameters.unit
        var file = FileReplacement(UnitFile.path(name), text: parameters.content, mode: 0o644)
        (file.uid, file.gid) = (0, 0)
        let data: [String: JSONValue] = ["unit": .string(name), "path": .string(file.path)]
        guard let change = try file.change() else { return .nothing(data) }
        if parameters.verify { try await UnitFile.verify(name, parameters.content, in: context) }
        return Plan([change], data: data) { [file] in
            let state = try FileState(at: file.path)
            let old = try HostFile.bytes(file.path)
            try await file.write(in: context)
            do throws(OperationError) {
                try await systemd.reloadFiles()
                try await check(name, systemd)
            } catch {
                var error = error
                let isBack = await systemd.shielded { await UnitFile.restore(name, old, state, $0) }
                error.changed = isBack ? false : nil
                throw error
            }
            return [:]
        }
    }

    /// What the checker lets through, systemd itself may still refuse.
    private func check(_ name: String, _ systemd: Systemd) async throws(OperationError) {
        guard systemd.isRunning, !name.contains("@.") else { return }
        let unit = try await systemd.unit(name)
        guard unit.load != "loaded" else { return }
        throw OperationError("unit_bad", "systemd cannot load the new '\(name)': \(unit.load)")
    }
}
