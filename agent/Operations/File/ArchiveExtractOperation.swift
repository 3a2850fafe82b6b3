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
        let object = try await Self.object(parameters.object, context)
        let archive = try object?.path ?? HostPath.clean(parameters.archive ?? "")
        let sha256 = try Self.checked(archive, parameters.sha256, context)
        data["sha256"] = .string(sha256)
        let stamp = parameters.creates == nil ? Self.stamp(sha256, parameters.stripComponents, rights) : nil
        let stampPath = HostPath.joined(destination, ArchiveExtraction.stampName)
        let before = try FileState(at: destination) == nil ? nil : try HostFile.bytes(stampPath)
        if let stamp, before == stamp {
            data["skipped_because"] = .string("'\(stampPath)' says that this archive was put there last")
            return .nothing(data)
        }
        let format = try await Self.format(of: archive, &data, context)
        let extraction = ArchiveExtraction(
            archive: archive,
            format: format,
            destination: destination,
            stripped: parameters.stripComponents,
            rights: rights,
            stamp: stamp,
            creates: parameters.creates
        )
        let change = Plan.Change(destination, from: Self.told(before), to: ["archive_sha256": .string(sha256)])
        return Plan([change], data: data) {
            // The bytes of an object stay on the host for as long as somebody has them.
            defer { withExtendedLifetime(object) {} }
            try await extraction.run(in: context)
            return [:]
        }
    }

    private static func object(_ object: ObjectReference?, _ context: OperationContext) async throws -> ObjectFile? {
        guard let object else { return nil }
        return try await context.fetch(object)
    }

    /// The directory with links followed; refuses what is none.
    private static func destination(_ path: String) throws(OperationError) -> String {
        let clean = try HostPath.clean(path)
        guard let real = try HostPath.resolved(clean) else {
            guard try FileState(at: clean) == nil else {
                throw OperationError("not_a_directory", "'\(clean)' is a link that leads nowhere")
            }
            try HostPath.checkDirectory(of: clean)
            return clean
        }
        guard real != "/" else {
            throw OperationError("protected_path", "'/' belongs to the system and is not touched")
        }
        guard try FileState(at: real)?.kind == .directory else {
            throw OperationError("not_a_directory", "'\(real)' is not a directory")
        }
        return real
    }

    /// The SHA-256 of the archive, which must be the one that the job says.
    private static func checked(
        _ archive: String,
        _ wanted: String?,
        _ context: OperationContext
    ) throws(OperationError) -> String {
        guard let state = try FileState(at: archive, following: true) else {
            throw OperationError("not_found", "there is no archive '\(archive)'")
        }
        guard state.kind == .file else {
            throw OperationError("not_a_file", "'\(archive)' is a \(state.kind.rawValue)")
        }
        let sha256 = try FileDigest.sha256(ofFile: archive, in: context)
        guard wanted ?? sha256 == sha256 else {
            throw OperationError("checksum_mismatch", "'\(archive)' has the SHA-256 \(sha256), not \(wanted ?? "")")
        }
        return sha256
    }

    /// What the archive is, once its names were looked at.
    private static func format(
        of archive: String,
        _ data: inout [String: JSONValue],
        _ context: OperationContext
    ) async throws(OperationError) -> ArchiveFormat {
        let format = try ArchiveFormat(ofFile: archive)
        for tool in format.tools where !context.hasTool(tool) {
            throw .notApplicable("this host has no '\(tool)', which unpacks \(format.rawValue)")
        }
        let names = try await context.tool(format.listing(archive), ok: format.okExitCodes).lines
        for name in names where isOutside(name, format) {
            throw OperationError("refused_member", "'\(name)' in the archive leads out of it")
        }
        let isWhole = if format == .tar { try HostFile.endsWithZeros(archive, count: 512) } else { true }
        guard isWhole, !names.isEmpty else {
            throw OperationError("broken_archive", "'\(archive)' has nothing in it, or its end is missing")
        }
        data["format"] = .string(format.rawValue)
        data["members"] = .int(Int64(names.count))
        return format
    }

    /// Whether a name is an absolute path, or has `..` in it.
    static func isOutside(_ name: Substring, _ format: ArchiveFormat) -> Bool {
        let separators = format == .zip ? "/\\".utf8 : "/".utf8
        if let first = name.utf8.first, separators.contains(first) { return true }
        return name.utf8.split { separators.contains($0) }.contains { $0.elementsEqual("..".utf8) }
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
