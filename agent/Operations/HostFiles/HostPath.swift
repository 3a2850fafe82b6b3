// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Paths of the host as operations take them.
enum HostPath {
    /// A path without what means nothing: doubled slashes, `.`, and a slash at its end.
    ///
    /// - Throws: ``OperationError`` for a path with `..` in it.
    static func clean(_ path: String) throws(OperationError) -> String {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map(Substring.init).filter { $0 != "." }
        guard !parts.contains("..") else { throw OperationError("invalid_path", "'\(path)' has '..' in it") }
        return "/" + parts.joined(separator: "/")
    }

    /// The directory that a clean path is in, and the name there; nil for the root.
    static func split(_ path: String) -> (directory: String, name: String)? {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), path != "/" else { return nil }
        let name = path.utf8[path.utf8.index(after: slash)...]
        return (slash == path.startIndex ? "/" : String(path[..<slash]), String(Substring(name)))
    }

    /// A new name beside a path, for what is to take its place.
    static func draft(besides path: String) -> String? {
        guard let (directory, name) = split(path), !name.isEmpty else { return nil }
        return joined(directory, draftName(of: name))
    }

    /// A new name in a directory, for what is to take the place of a name there.
    static func draftName(of name: String) -> String {
        // A name has at most 255 bytes.
        let beginning = String(decoding: name.utf8.prefix(100), as: UTF8.self)
        return ".\(beginning).broker-\(UInt64.random(in: .min ... .max))"
    }

    /// A name within a directory.
    static func joined(_ directory: String, _ name: String) -> String {
        directory == "/" ? "/" + name : "\(directory)/\(name)"
    }

    /// The path with all links on the way followed; nil where it leads nowhere.
    static func resolved(_ path: String) throws(OperationError) -> String? {
        guard let real = realpath(path, nil) else {
            if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return nil }
            throw .system("cannot follow '\(path)'", errno)
        }
        defer { free(real) }
        return String(cString: real)
    }

    /// Where a link leads, as it is written in it.
    static func target(ofLink path: String) throws(OperationError) -> String {
        var bytes = [CChar](repeating: 0, count: 4097)
        let count = readlink(path, &bytes, bytes.count - 1)
        guard count >= 0 else { throw .system("cannot read the link '\(path)'", errno) }
        return String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Checks that the directory is there in which something is to be made.
    static func checkDirectory(of path: String) throws(OperationError) {
        guard let (directory, _) = split(path) else { throw OperationError("not_a_file", "'\(path)' names no file") }
        guard let state = try FileState(at: directory, following: true) else {
            throw OperationError("not_found", "there is no directory '\(directory)'")
        }
        guard state.kind == .directory else {
            throw OperationError("not_a_directory", "'\(directory)' is a \(state.kind.rawValue), not a directory")
        }
    }
}

extension OperationContext {
    /// Lets a long work of the agent's own end when its run is cancelled or its time is over.
    ///
    /// - Throws: ``OperationError``, as for a program that is ended.
    func checkTime() throws(OperationError) {
        if Task.isCancelled {
            var error = OperationError("cancelled", "ended on request")
            error.state = .cancelled
            throw error
        }
        guard ContinuousClock.now < deadline else {
            var error = OperationError("timed_out", "the time of the run was over")
            error.state = .timedOut
            throw error
        }
    }
}
