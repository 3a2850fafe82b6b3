// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `file.link`: a symbolic link.
struct FileLinkOperation: ModifyOperation {
    let type = "file.link"

    struct Parameters: Decodable, Sendable {
        let path: String
        let target: String
        let force: Bool
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let path = try HostPath.clean(parameters.path)
        let target = parameters.target
        try HostPath.checkDirectory(of: path)
        let place = try FilePlace(path)
        let before = try Self.present(path, force: parameters.force)
        let isThere = try FileState(at: path)?.kind == .link && Self.isSame(try HostPath.target(ofLink: path), target)
        let data: [String: JSONValue] = [
            "path": .string(path), "target": .string(target),
            "target_exists": .bool(try Self.exists(target, from: path)),
        ]
        if isThere { return .nothing(data) }
        return Plan([.init(path, from: before, to: ["link_target": .string(target)])], data: data) {
            try Self.make(place, leadingTo: target)
            return [:]
        }
    }

    /// Whether two texts are the same bytes: Swift takes texts for the same that look the same.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        one.utf8.elementsEqual(other.utf8)
    }

    /// What is in the place of the link.
    private static func present(_ path: String, force: Bool) throws(OperationError) -> JSONValue {
        guard let state = try FileState(at: path) else { return .null }
        switch state.kind {
        case .link: return ["link_target": .string(try HostPath.target(ofLink: path))]
        case .directory:
            throw OperationError("is_a_directory", "'\(path)' is a directory; take it away with file.absent first")
        case .file, .device, .fifo, .socket:
            guard force else {
                throw OperationError("exists", "'\(path)' is a \(state.kind.rawValue); use 'force' to replace it")
            }
            return ["kind": .string(state.kind.rawValue), "bytes": .int(state.size)]
        }
    }

    private static func exists(_ target: String, from path: String) throws(OperationError) -> Bool {
        let directory = HostPath.split(path)?.directory ?? "/"
        let place = target.hasPrefix("/") ? target : HostPath.joined(directory, target)
        return try FileState(at: place, following: true) != nil
    }

    /// Makes the link beside and renames it, so that there is one at every moment.
    private static func make(_ place: FilePlace, leadingTo target: String) throws(OperationError) {
        do throws(OperationError) {
            let draft = HostName(HostPath.draftName(of: place.name.text))
            try place.directory.makeLink(draft, to: target)
            do throws(OperationError) {
                try place.directory.move(draft, to: place.directory, as: place.name)
            } catch {
                place.directory.discard(draft)
                throw error
            }
        } catch {
            var error = error
            error.changed = false
            throw error
        }
    }
}
