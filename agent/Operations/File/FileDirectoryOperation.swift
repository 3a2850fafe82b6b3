// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `file.directory`: a directory with an owner and a mode.
struct FileDirectoryOperation: ModifyOperation {
    let type = "file.directory"

    struct Parameters: Decodable, Sendable {
        let path: String
        let owner: FileOwner?
        let group: FileOwner?
        let mode: String?
        let parents: Bool
        let recursive: Bool
        let fileMode: String?
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let path = try Self.followed(try HostPath.clean(parameters.path))
        let rights = try FileRights(owner: parameters.owner, group: parameters.group, mode: parameters.mode)
        guard let (directory, name) = HostPath.split(path) else {
            throw OperationError("protected_path", "'/' belongs to the system and is not touched")
        }
        guard try FileState(at: path) != nil else {
            return try Self.making(path, rights, parents: parameters.parents)
        }
        if parameters.recursive { try ProtectedPaths.check(path) }
        var files = try FileRights(mode: parameters.fileMode)
        (files.uid, files.gid) = (rights.uid, rights.gid)
        var tree = TreeRights(parent: directory, directories: rights, files: files)
        try tree.survey(name, isRecursive: parameters.recursive, in: context)
        let data: [String: JSONValue] = ["path": .string(path), "looked_at": .int(Int64(tree.lookedAt))]
        return Plan(tree.entries.map(\.change), data: data) { [tree] in
            try tree.apply(in: context)
            return [:]
        }
    }

    /// The path of the directory that a link leads to; refuses what is no directory.
    private static func followed(_ path: String) throws(OperationError) -> String {
        guard let state = try FileState(at: path) else { return path }
        if state.kind == .directory { return path }
        guard state.kind == .link, try FileState(at: path, following: true)?.kind == .directory else {
            let what = state.kind == .link ? "link that leads to no directory" : state.kind.rawValue
            throw OperationError("not_a_directory", "'\(path)' is a \(what)")
        }
        return try HostDirectory(path).realPath()
    }

    // MARK: Making

    private static func making(_ path: String, _ rights: FileRights, parents: Bool) throws(OperationError) -> Plan {
        let missing = try missingDirectories(of: path)
        guard parents || missing.count == 1 else {
            throw OperationError("not_found", "there is no directory '\(missing[0])'; use 'parents' to have it made")
        }
        // A dry run as well refuses a way that would not be gone.
        _ = try HostPath.split(missing[0]).map { way throws(OperationError) in try HostDirectory(way.directory).path }
        let own = FileRights(mode: rights.mode ?? 0o755, uid: rights.uid ?? geteuid(), gid: rights.gid ?? getegid())
        let others = FileRights(mode: 0o755, uid: geteuid(), gid: getegid())
        let changes = missing.map { place in
            let rights = place == path ? own : others
            return Plan.Change(
                place,
                from: .null,
                to: FileState.summary(rights.mode ?? 0, rights.uid ?? 0, rights.gid ?? 0)
            )
        }
        return Plan(changes, data: ["path": .string(path), "looked_at": 0]) {
            var made: [String] = []
            do throws(OperationError) {
                for place in missing { try make(place, place == path ? own : others, &made) }
            } catch {
                var error = error
                error.changed = made.reversed().allSatisfy { rmdir($0) == 0 } ? false : true
                throw error
            }
            return [:]
        }
    }

    /// The directories that are to be made, those above others first.
    private static func missingDirectories(of path: String) throws(OperationError) -> [String] {
        var missing: [String] = []
        var place = path
        while true {
            if let state = try FileState(at: place, following: true) {
                guard state.kind == .directory else {
                    throw OperationError("not_a_directory", "'\(place)' is a \(state.kind.rawValue), not a directory")
                }
                return missing.reversed()
            }
            if try FileState(at: place) != nil {
                throw OperationError("not_a_directory", "'\(place)' is a link that leads nowhere")
            }
            missing.append(place)
            guard let (directory, _) = HostPath.split(place) else { return missing.reversed() }
            place = directory
        }
    }

    private static func make(
        _ path: String,
        _ rights: FileRights,
        _ made: inout [String]
    ) throws(OperationError) {
        guard let (directory, name) = HostPath.split(path) else { return }
        let parent = try HostDirectory(directory)
        try parent.makeDirectory(HostName(name))
        made.append(path)
        guard let state = try parent.state(of: HostName(name)), state.kind == .directory else {
            throw OperationError("changed_meanwhile", "somebody has put something in the place of '\(path)'")
        }
        try parent.setRights(of: HostName(name), rights, present: state)
    }
}
