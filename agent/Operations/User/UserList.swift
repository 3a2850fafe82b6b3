// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `user.list`: the users of the host's own files.
struct UserList: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let system: Bool
        let limit: Int
    }

    let type = "user.list"

    func read(_ parameters: Parameters, in _: OperationContext) async throws -> JSONValue {
        let accounts = try Accounts.read()
        let people = Accounts.uidsOfPeople()
        let users = accounts.users.filter { parameters.system || people.contains($0.uid) }.sorted { $0.uid < $1.uid }
        return [
            "total": .int(Int64(users.count)), "truncated": .bool(users.count > parameters.limit),
            "users": .array(users.prefix(parameters.limit).map { .object(accounts.told($0, people: people)) }),
        ]
    }
}
