// SPDX-License-Identifier: Apache-2.0

import Glibc

extension OperationError {
    /// The code of an errno, for those that an operator tells apart.
    static func code(of number: Int32) -> String {
        switch number {
        case ENOENT: "not_found"
        case EACCES, EPERM: "permission_denied"
        case EEXIST: "exists"
        case ENOTDIR: "not_a_directory"
        case EISDIR: "is_a_directory"
        case ENOSPC, EDQUOT: "no_space"
        case EROFS: "read_only_file_system"
        case ELOOP: "is_a_link"
        case ENOTEMPTY: "not_empty"
        case EBUSY: "busy"
        case ENAMETOOLONG: "name_too_long"
        default: "system_error"
        }
    }
}
