// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `group.ensure`: a group that is to be there.
struct GroupEnsure: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
        let gid: UInt32?
        let system: Bool
    }

    let type = "group.ensure"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        try context.needAccountTools()
        let accounts = try Accounts.read()
        let name = parameters.name
        if let gid = parameters.gid, let other = accounts.group(gid: gid), other.name != name {
            throw OperationError("gid_in_use", "the gid \(gid) is that of '\(other.name)'")
        }
        let option = parameters.gid.map { ["--gid=\($0)"] } ?? []
        guard let group = accounts.group(name) else {
            let after = parameters.gid.map { ["gid": JSONValue.int(Int64($0))] } ?? [:]
            let change = Plan.Change("group \(name)", from: .null, to: .object(after))
            let arguments = ["groupadd"] + (parameters.system ? ["--system"] : []) + option + [name]
            return Plan([change], data: ["name": .string(name)]) {
                try await context.accountTool(arguments)
                return ["gid": (try? Accounts.read())?.group(name).map { .int(Int64($0.gid)) } ?? .null]
            }
        }
        let data: [String: JSONValue] = ["name": .string(name), "gid": .int(Int64(parameters.gid ?? group.gid))]
        guard let gid = parameters.gid, gid != group.gid else { return .nothing(data) }
        let change = Plan.Change("group \(name)", from: ["gid": .int(Int64(group.gid))], to: ["gid": .int(Int64(gid))])
        return Plan([change], data: data) {
            try await context.accountTool(["groupmod"] + option + [name])
            return [:]
        }
    }
}
