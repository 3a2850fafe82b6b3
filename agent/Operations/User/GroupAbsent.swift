// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `group.absent`: a group that is not to be there.
struct GroupAbsent: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
    }

    let type = "group.absent"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        try context.needAccountTools()
        let accounts = try Accounts.read()
        let name = parameters.name
        guard let group = accounts.group(name) else { return .nothing(["name": .string(name)]) }
        guard group.gid != 0 else { throw OperationError("refused", "'\(name)' has the gid 0 and stays") }
        if let user = accounts.users.first(where: { $0.gid == group.gid }) {
            throw OperationError("group_in_use", "'\(name)' is the group of the user '\(user.name)'")
        }
        let before: JSONValue = [
            "gid": .int(Int64(group.gid)), "members": .array(group.members.map(JSONValue.string)),
        ]
        return Plan([Plan.Change("group \(name)", from: before, to: .null)], data: ["name": .string(name)]) {
            try await context.accountTool(["groupdel", name])
            return [:]
        }
    }
}
