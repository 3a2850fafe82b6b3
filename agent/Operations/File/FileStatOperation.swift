// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `file.stat`: what is at a path.
struct FileStatOperation: ReadOperation {
    let type = "file.stat"

    struct Parameters: Decodable, Sendable {
        let path: String
        let follow: Bool
        let sha256: Bool
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let path = try HostPath.clean(parameters.path)
        guard let state = try FileState(at: path, following: parameters.follow) else {
            return ["path": .string(path), "exists": false]
        }
        var members = Self.told(state)
        members["path"] = .string(path)
        if state.kind == .link { members["link_target"] = .string(try HostPath.target(ofLink: path)) }
        if parameters.sha256, state.kind == .file, let file = try OpenFile.at(path, following: parameters.follow) {
            members["sha256"] = .string(try await file.sha256(in: context))
        }
        return .object(members)
    }

    private static func told(_ state: FileState) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "exists": true, "kind": .string(state.kind.rawValue), "mode": .string(state.modeText),
            "uid": .int(Int64(state.uid)), "gid": .int(Int64(state.gid)), "size": .int(state.size),
            "modified_at": .string(Timestamp(milliseconds: state.modifiedMilliseconds).description),
        ]
        members["owner"] = FileOwner.userName(of: state.uid).map(JSONValue.string)
        members["group"] = FileOwner.groupName(of: state.gid).map(JSONValue.string)
        return members
    }
}
