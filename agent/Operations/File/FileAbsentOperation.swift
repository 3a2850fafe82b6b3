// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `file.absent`: nothing at a path.
struct FileAbsentOperation: ModifyOperation {
    let type = "file.absent"

    struct Parameters: Decodable, Sendable {
        let path: String
        let recursive: Bool
        let backup: Bool
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let path = try HostPath.clean(parameters.path)
        var data: [String: JSONValue] = ["path": .string(path)]
        try ProtectedPaths.check(path)
        guard let (directory, name) = HostPath.split(path), let state = try FileState(at: path) else {
            return .nothing(data)
        }
        var count = 1
        if state.kind == .directory {
            try ProtectedPaths.checkMounts(below: path)
            count = try TreeRemoval.count(HostName(name), in: HostDirectory(directory), context)
            guard count == 1 || parameters.recursive || parameters.backup else {
                throw OperationError(
                    "not_empty",
                    "'\(path)' is not empty; use 'recursive' to take away all that is in it"
                )
            }
        }
        let change = Plan.Change(path, from: Self.told(state, count), to: .null)
        if parameters.backup {
            return Plan([change], data: data) { try Self.keep(name, in: directory, at: context.now()) }
        }
        data["removed"] = .int(Int64(count))
        return Plan([change], data: data) { try Self.remove(path, directory, name, context) }
    }

    private static func told(_ state: FileState, _ count: Int) -> JSONValue {
        var members: [String: JSONValue] = ["kind": .string(state.kind.rawValue)]
        if state.kind == .file { members["bytes"] = .int(state.size) }
        if state.kind == .directory { members["files"] = .int(Int64(count - 1)) }
        return .object(members)
    }

    private static func keep(
        _ name: String,
        in directory: String,
        at time: Timestamp
    ) throws(OperationError) -> [String: JSONValue] {
        do throws(OperationError) {
            let parent = try HostDirectory(directory)
            let backup = HostName(FileReplacement.backupPath(of: name, at: time))
            guard try parent.state(of: backup) == nil else {
                throw OperationError("exists", "'\(parent.path(of: backup))' is there already")
            }
            try parent.move(HostName(name), to: parent, as: backup)
            return ["backup": .string(parent.path(of: backup))]
        } catch {
            var error = error
            error.changed = false
            throw error
        }
    }

    private static func remove(
        _ path: String,
        _ directory: String,
        _ name: String,
        _ context: OperationContext
    ) throws(OperationError) -> [String: JSONValue] {
        var removal = TreeRemoval(in: context)
        do throws(OperationError) {
            try removal.remove(HostName(name), in: HostDirectory(directory))
        } catch {
            guard removal.removed > 0 else {
                var error = error
                error.changed = false
                throw error
            }
            var partial = OperationError(
                error.code,
                "\(error.message); \(removal.removed) files and directories below '\(path)' are gone already",
                changed: true
            )
            partial.state = error.state
            throw partial
        }
        return ["removed": .int(Int64(removal.removed))]
    }
}
