// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `sysctl.set`: a setting of the kernel.
struct SysctlSet: ModifyOperation {
    let type = "sysctl.set"

    struct Parameters: Decodable, Sendable {
        let key: String
        let value: JSONValue
        let runtime: Bool
        let persistent: Bool
        let file: String
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        guard let key = SysctlKey(parameters.key) else { return .nothing() }
        let value = SysctlKey.plain(parameters.value.string ?? parameters.value.int.map(String.init) ?? "")
        var data: [String: JSONValue] = ["key": .string(key.name), "value": .string(value)]
        var changes: [Plan.Change] = []
        let current = parameters.runtime ? try Self.current(key) : value
        if current != value { changes.append(Plan.Change(key.name, from: .string(current), to: .string(value))) }
        var file: FileReplacement?
        if parameters.persistent {
            let text = try HostFile.text(parameters.file, following: true) ?? ""
            if SysctlFile.value(of: key, in: text) != value {
                file = FileReplacement(parameters.file, text: SysctlFile.setting(key, to: value, in: text))
            }
            let later = SysctlFile.overriding(parameters.file, key, value)
            if !later.isEmpty { data["overridden_by"] = .array(later.map(JSONValue.string)) }
        }
        if let change = try file?.change() { changes.append(change) }
        return Plan(changes, data: data) { [file] in
            let undo = try file.map { [try FileUndo($0.path)] } ?? []
            try await context.undoing(
                undo,
                and: { _ in if current != value, try key.value() != current { try key.set(current) } },
                {
                    try await file?.write(in: context)
                    if current != value { try key.set(value) }
                }
            )
            return [:]
        }
    }

    private static func current(_ key: SysctlKey) throws(OperationError) -> String {
        if let value = try key.value() { return value }
        let message =
            "the kernel has no '\(key.name)'; is its module loaded? (runtime: false sets it for the next start)"
        throw OperationError("not_found", message)
    }
}
