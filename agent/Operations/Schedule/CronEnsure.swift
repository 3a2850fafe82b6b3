// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `cron.ensure`: something that cron is to run.
struct CronEnsure: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
        let schedule: String
        let command: String
        let user: String
        let env: [String: String]?
    }

    let type = "cron.ensure"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        try CronFiles.need(in: context)
        // cron says of an entry for nobody only in its own log that it passes over the file.
        guard try Accounts.read().user(parameters.user) != nil else {
            throw OperationError("user_not_found", "this host has no user '\(parameters.user)'")
        }
        let text = CronTable.text(
            schedule: parameters.schedule,
            user: parameters.user,
            command: parameters.command,
            variables: parameters.env ?? [:]
        )
        var file = FileReplacement("\(CronFiles.directory)/\(parameters.name)", text: text, mode: 0o644)
        (file.uid, file.gid) = (0, 0)
        let data: [String: JSONValue] = ["path": .string(file.path)]
        guard let change = try file.change() else { return .nothing(data) }
        return Plan([change], data: data) { [file] in
            try await file.write(in: context)
            return [:]
        }
    }
}
