// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `user.authorized_key.remove`: a key that is to let nobody in any more.
struct UserAuthorizedKeyRemove: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let user: String
        let key: String
    }

    let type = "user.authorized_key.remove"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        guard let key = AuthorizedKey(line: parameters.key) else {
            throw OperationError("invalid_parameters", "the key is no public key of SSH", changed: false)
        }
        // Where there is no such user, or it has no home, the key lets nobody in.
        guard let user = try Accounts.read().user(parameters.user), try FileState(at: user.home, following: true) != nil
        else { return .nothing(["user": .string(parameters.user), "keys": 0]) }
        let file = try AuthorizedKeys(of: user)
        let kept = file.lines.filter { AuthorizedKey(line: $0)?.isSame(as: key) != true }
        guard kept.count != file.lines.count else {
            return .nothing(["user": .string(user.name), "keys": .int(file.count)])
        }
        return file.plan(kept, in: context)
    }
}
