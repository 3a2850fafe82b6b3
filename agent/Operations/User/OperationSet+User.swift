// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on users and groups.
    static let user: [any Operation] = [
        UserList(), UserGet(), UserEnsure(), UserAbsent(), UserPassword(), UserAuthorizedKeyAdd(),
        UserAuthorizedKeyRemove(), GroupEnsure(), GroupAbsent(),
    ]
}
