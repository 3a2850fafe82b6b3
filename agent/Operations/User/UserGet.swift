// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `user.get`: a user of the host, or of a directory that it asks.
struct UserGet: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
    }

    let type = "user.get"

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let accounts = try Accounts.read()
        let people = Accounts.uidsOfPeople()
        if let user = accounts.user(parameters.name) {
            return .object(accounts.told(user, people: people).merging(["exists": true, "local": true]) { $1 })
        }
        guard context.hasTool("getent") else { return ["exists": false, "name": .string(parameters.name)] }
        let answer = try await context.tool(["getent", "passwd", parameters.name], ok: [0, 2])
        guard let line = answer.lines.first, let user = Accounts.user(line: String(line)), user.name == parameters.name
        else {
            return ["exists": false, "name": .string(parameters.name)]
        }
        return .object(accounts.told(user, people: people).merging(["exists": true, "local": false]) { $1 })
    }
}
