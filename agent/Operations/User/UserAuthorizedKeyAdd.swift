// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `user.authorized_key.add`: a key that lets somebody log in as a user.
struct UserAuthorizedKeyAdd: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let user: String
        let key: String
        let options: String?
    }

    let type = "user.authorized_key.add"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        guard let user = try Accounts.read().user(parameters.user) else {
            throw OperationError("user_not_found", "'\(parameters.user)' is no user of this host's own files")
        }
        guard var key = AuthorizedKey(line: parameters.key), key.options == nil else {
            throw OperationError("invalid_parameters", "the key is no public key of SSH", changed: false)
        }
        key.options = parameters.options
        let file = try AuthorizedKeys(of: user)
        return file.plan(Self.lines(file.lines, with: key), in: context)
    }

    /// The lines with the key: in the place of the line that has it, where that differs in what was asked for.
    static func lines(_ lines: [String], with key: AuthorizedKey) -> [String] {
        guard let index = lines.firstIndex(where: { AuthorizedKey(line: $0)?.isSame(as: key) == true }),
            let old = AuthorizedKey(line: lines[index])
        else { return lines + [key.line] }
        var new = key
        if new.options == nil { new.options = old.options }
        if new.comment.isEmpty { new.comment = old.comment }
        guard new != old else { return lines }
        var lines = lines
        lines[index] = new.line
        return lines
    }
}
