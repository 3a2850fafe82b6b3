// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Why a file cannot be read, in the system's words: `no such file or directory`, `is a directory`; nil if it can.
///
/// The file is not opened, since it may be a pipe.
package func whyUnreadable(_ path: String) -> String? {
    var status = stat()
    guard stat(path, &status) == 0, access(path, R_OK) == 0 else { return systemReason(errno) }
    return status.st_mode & S_IFMT == S_IFDIR ? systemReason(EISDIR) : nil
}

/// The system's words for an error number.
package func systemReason(_ number: Int32) -> String {
    guard let text = strerror(number) else { return "error \(number)" }
    return String(cString: text).lowercased()
}
