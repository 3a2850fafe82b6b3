// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `archive.extract`: what is in an archive, put into a directory.
struct ArchiveExtractOperation: ModifyOperation {
    let type = "archive.extract"

    struct Parameters: Decodable, Sendable {
        let archive: String?
        let object: ObjectReference?
        let destination: String
        let sha256: String?
        let stripComponents: Int
        let creates: String?
        let owner: FileOwner?
        let group: FileOwner?
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let destination = try Self.destination(parameters.destination)
        let rights = try FileRights(owner: parameters.owner, group: parameters.group)
        var data: [String: JSONValue] = ["destination": .string(destination)]
        if let creates = parameters.creates, try FileState(at: creates) != nil {
            data["skipped_because"] = .string("'\(creates)' exists")
            return .nothing(data)
        }
        let archive = try await Self.archive(parameters, context)
        let sha256 = try await Self.checkedSHA256(of: archive, parameters, context)
        data["sha256"] = .string(sha256)
        let stamp = parameters.creates == nil ? Self.stamp(sha256, parameters.stripComponents, rights) : nil
        let before = try Self.stamp(in: destination)
        if let stamp, before == stamp {
            let path = HostPath.joined(destination, ArchiveExtraction.stampName)
            data["skipped_because"] = .string("'\(path)' says that this archive was put there last")
            return .nothing(data)
        }
        let change = Plan.Change(destination, from: Self.told(before), to: ["archive_sha256": .string(sha256)])
        guard let archive else {
            data["object_on_host"] = false
            return Plan([change], data: data) { throw NoObjects().error }
        }
        let contents = try await archive.contents(in: context)
        data["format"] = .string(contents.format.rawValue)
        data["members"] = .int(Int64(contents.members))
        let extraction = ArchiveExtraction(
            archive: archive,
            contents: contents,
            sha256: sha256,
            destination: destination,
            stripped: parameters.stripComponents,
            rights: rights,
            stamp: stamp,
            creates: parameters.creates
        )
        return Plan([change], data: data) {
            try await extraction.run(in: context)
            return [:]
        }
    }

    /// The archive; nil for an object that is not on the host, and that a dry run does not bring.
    private static func archive(
        _ parameters: Parameters,
        _ context: OperationContext
    ) async throws -> ArchiveSource? {
        guard let reference = parameters.object else {
            return try ArchiveSource(at: HostPath.clean(parameters.archive ?? ""))
        }
        guard let object = try await context.available(reference) else { return nil }
        return try ArchiveSource(object, name: reference.name)
    }

    /// The SHA-256 of the archive, which must be the one that the job says.
    private static func checkedSHA256(
        of archive: ArchiveSource?,
        _ parameters: Parameters,
        _ context: OperationContext
    ) async throws(OperationError) -> String {
        let sha256: String
        if let archive, parameters.object == nil {
            sha256 = try await archive.file.sha256(in: context)
        } else {
            sha256 = try parameters.object?.resolved().sha256 ?? ""
        }
        let name = parameters.object?.name ?? parameters.archive ?? ""
        guard parameters.sha256 ?? sha256 == sha256 else {
            throw OperationError(
                "checksum_mismatch",
                "'\(name)' has the SHA-256 \(sha256), not \(parameters.sha256 ?? "")"
            )
        }
        return sha256
    }

    /// What says which archive was put into a directory last; nil where nothing does.
    private static func stamp(in destination: String) throws(OperationError) -> [UInt8]? {
        guard try FileState(at: destination) != nil else { return nil }
        let place = try FilePlace(HostPath.joined(destination, ArchiveExtraction.stampName))
        guard try place.state()?.kind == .file else { return nil }
        return try place.file()?.bytes(limit: HostFile.editableBytes)
    }

    /// The directory with links followed; refuses what is none.
    private static func destination(_ path: String) throws(OperationError) -> String {
        let clean = try HostPath.clean(path)
        guard let state = try FileState(at: clean, following: true) else {
            guard try FileState(at: clean) == nil else {
                throw OperationError("not_a_directory", "'\(clean)' is a link that leads nowhere")
            }
            try HostPath.checkDirectory(of: clean)
            return clean
        }
        guard state.kind == .directory else { throw OperationError("not_a_directory", "'\(clean)' is not a directory") }
        let real = try HostDirectory(clean).realPath()
        guard real != "/" else {
            throw OperationError("protected_path", "'/' belongs to the system and is not touched")
        }
        return real
    }

    private static func stamp(_ sha256: String, _ stripped: Int, _ rights: FileRights) -> [UInt8] {
        let owner = "\(rights.uid.map(String.init) ?? "-"):\(rights.gid.map(String.init) ?? "-")"
        return Array("\(sha256) strip_components=\(stripped) owner=\(owner)\n".utf8)
    }

    /// What a stamp tells of the archive that was there before.
    private static func told(_ stamp: [UInt8]?) -> JSONValue {
        guard let stamp else { return .null }
        return ["archive_sha256": .string(String(decoding: stamp.prefix(64), as: UTF8.self))]
    }
}
