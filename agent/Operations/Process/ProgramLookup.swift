// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Finds the file of a program, and the words for why one could not be started.
enum ProgramLookup {
    /// The file to start for `name`: the name itself if it has a slash, else the first match in `path`.
    ///
    /// Looks in the PATH that the process will have, not in the agent's; parts of it that are no absolute paths are
    /// passed over, since what they mean depends on where one stands.
    ///
    /// - Throws: ``SystemError`` where there is none: ENOENT, or EACCES if there is one that may not be run.
    static func file(of name: String, path: String) throws(SystemError) -> String {
        guard !name.utf8.contains(UInt8(ascii: "/")) else { return name }
        var code = ENOENT
        for directory in path.split(separator: ":") where directory.hasPrefix("/") {
            let candidate = "\(directory)/\(name)"
            guard isFile(candidate) else { continue }
            if access(candidate, X_OK) == 0 { return candidate }
            code = EACCES
        }
        let action = code == ENOENT ? "no program '\(name)' in PATH (\(path))" : "'\(name)' may not be run"
        throw SystemError(code: code, action: action)
    }

    /// Why starting `file` in `directory` failed with `code`; the operating system's number alone does not say which of
    /// the two it means.
    static func explain(_ code: Int32, file: String, directory: String) -> SystemError {
        if access(directory, X_OK) != 0 { return SystemError(code: errno, action: "cannot start in '\(directory)'") }
        if !isDirectory(directory) { return SystemError(code: ENOTDIR, action: "cannot start in '\(directory)'") }
        if code == ENOENT, file.hasPrefix("/"), isFile(file) {
            return SystemError(code: code, action: "cannot run '\(file)', whose interpreter is missing")
        }
        return SystemError(code: code, action: "cannot run '\(file)'")
    }

    /// Whether there is a program at a path.
    static func isProgram(_ path: String) -> Bool {
        isFile(path) && access(path, X_OK) == 0
    }

    private static func isFile(_ path: String) -> Bool {
        mode(path).map { $0 & S_IFMT == S_IFREG } ?? false
    }

    private static func isDirectory(_ path: String) -> Bool {
        mode(path).map { $0 & S_IFMT == S_IFDIR } ?? false
    }

    private static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode : nil
    }
}
