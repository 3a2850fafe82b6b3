// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on users and groups.
    static let user: [CatalogueOperation] = [
        .userList, .userGet, .userEnsure, .userAbsent, .userPassword, .userAuthorizedKeyAdd, .userAuthorizedKeyRemove,
        .groupEnsure, .groupAbsent,
    ]
}
