// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `user.password`: the password of a user.
///
/// It is hashed within the agent, and the hash goes to chpasswd by its standard input: neither is ever an argument, part
/// of a diff, or logged.
struct UserPassword: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
        let password: String?
        let hash: String?
    }

    let type = "user.password"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        guard context.hasTool("chpasswd") else { throw OperationError.notApplicable("this host has no chpasswd") }
        let accounts = try Accounts.read()
        let name = parameters.name
        guard accounts.user(name) != nil else {
            throw OperationError(
                "user_not_found",
                "'\(name)' is no user of this host's own files; user.ensure makes it"
            )
        }
        let old = accounts.secret(of: name)?.hash ?? ""
        let data: [String: JSONValue] = ["name": .string(name)]
        let new: @Sendable () throws(OperationError) -> String
        if let hash = parameters.hash {
            if hash == old { return .nothing(data) }
            new = { () throws(OperationError) in hash }
        } else {
            let password = parameters.password ?? ""
            let hashes = try PasswordHash()
            if hashes.fits(password, old) { return .nothing(data) }
            new = { () throws(OperationError) in try PasswordHash().new(password) }
        }
        let before: JSONValue = .string(accounts.isLocked(name) ? "locked" : accounts.password(of: name))
        return Plan([Plan.Change("password of \(name)", from: before, to: "a new one")], data: data) {
            try await context.accountTool(["chpasswd", "--encrypted"], input: "\(name):\(try new())\n")
            return [:]
        }
    }
}
