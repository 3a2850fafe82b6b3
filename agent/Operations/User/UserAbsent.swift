// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `user.absent`: a user that is not to be there.
struct UserAbsent: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
        let removeHome: Bool
    }

    let type = "user.absent"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        try context.needAccountTools()
        let accounts = try Accounts.read()
        let name = parameters.name
        guard let user = accounts.user(name) else { return .nothing(["name": .string(name)]) }
        guard user.uid != 0 else { throw OperationError("refused", "'\(name)' has the uid 0 and stays") }
        let told = JSONValue.object(accounts.told(user, people: Accounts.uidsOfPeople()))
        var changes = [Plan.Change("user \(name)", from: told, to: .null)]
        var options: [String] = []
        if parameters.removeHome, let home = try FileState(at: user.home) {
            try check(home, of: user, accounts)
            changes.append(Plan.Change(user.home, from: .string(home.kind.rawValue), to: .null))
            options.append("--remove")
        }
        let arguments = ["userdel"] + options + [name]
        return Plan(changes, data: ["name": .string(name)]) {
            try await context.accountTool(arguments)
            return [:]
        }
    }

    /// What userdel would leave when the user is already gone is found out before.
    private func check(_ home: FileState, of user: Accounts.User, _ accounts: Accounts) throws(OperationError) {
        let prefix = user.home.hasSuffix("/") ? user.home : user.home + "/"
        let other = accounts.users.first { $0.name != user.name && ($0.home + "/").hasPrefix(prefix) }
        guard home.kind == .directory, home.uid == user.uid, other == nil else {
            throw OperationError(
                "home_not_own",
                "'\(user.home)' is not a directory of '\(user.name)' alone; say remove_home: false"
            )
        }
    }
}
