// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where a file is: the directory that it is in, found once and open from then on, and its name there.
///
/// What is looked at, read and replaced is so in one and the same directory, whatever somebody puts in the place of its path.
final class FilePlace: Sendable {
    /// The file, for messages and for programs that look at it.
    let path: String
    /// The directory.
    let directory: HostDirectory
    /// The name of the file there.
    let name: HostName

    /// Finds the directory of a file, which itself need not be there.
    ///
    /// - Throws: ``OperationError`` where there is no such directory.
    init(_ path: String) throws(OperationError) {
        guard let (directory, name) = HostPath.split(path), !name.isEmpty else {
            throw OperationError("not_a_file", "'\(path)' names no file")
        }
        self.path = path
        self.directory = try HostDirectory(directory)
        self.name = HostName(name)
    }

    /// What is there; nil for nothing.
    func state() throws(OperationError) -> FileState? {
        try directory.state(of: name)
    }

    /// Opens the file; nil where there is none.
    ///
    /// - Throws: ``OperationError`` for a link, and for what is no file.
    func file() throws(OperationError) -> OpenFile? {
        guard let state = try state() else { return nil }
        if state.kind == .link {
            throw OperationError("is_a_link", "'\(path)' is a link; name the file that it leads to")
        }
        guard state.kind == .file else {
            throw OperationError("not_a_file", "'\(path)' is a \(state.kind.rawValue), not a file")
        }
        let number = directory.open(name)
        guard number >= 0 else {
            if errno == ENOENT { return nil }
            throw .system("cannot open '\(path)'", errno)
        }
        return try OpenFile(owning: FileDescriptor(owning: number), path)
    }
}
