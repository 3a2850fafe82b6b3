// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The parameters of all operations that give a file a new content.
protocol FileWritingParameters {
    var path: String { get }
    var owner: FileOwner? { get }
    var group: FileOwner? { get }
    var mode: String? { get }
    var backup: Bool { get }
    var validate: [String]? { get }
    var follow: Bool { get }
}

/// A file that is to get a new content, and what is to hold for it.
///
/// What is there is opened once: what is read of it, who may see that, and to whom the new file belongs are all of one and
/// the same file.
struct FileTarget: Sendable {
    /// The file; with links followed where that is asked for.
    var path: String { place.path }
    private let place: FilePlace
    /// What is there; nil for nothing.
    private let present: OpenFile?
    private let rights: FileRights
    private let keepsOld: Bool
    private let validate: [String]?

    /// Finds the file.
    ///
    /// - Throws: ``OperationError`` for a user or group that is not known, a link that leads nowhere or is not to be followed,
    ///   what is no file, and a directory that is not there.
    init(_ parameters: some FileWritingParameters) throws(OperationError) {
        var path = try HostPath.clean(parameters.path)
        if parameters.follow { path = try Self.followed(path) }
        rights = try FileRights(owner: parameters.owner, group: parameters.group, mode: parameters.mode)
        keepsOld = parameters.backup
        validate = parameters.validate
        try HostPath.checkDirectory(of: path)
        place = try FilePlace(path)
        do throws(OperationError) {
            present = try place.file()
        } catch {
            throw error.code == "is_a_link" ? error.adding(", or use 'follow'") : error
        }
    }

    private static func followed(_ path: String) throws(OperationError) -> String {
        guard try FileState(at: path)?.kind == .link else { return path }
        guard let real = try HostPath.resolved(path) else {
            throw OperationError("not_found", "the link '\(path)' leads nowhere")
        }
        return real
    }

    /// What the file holds, to be edited.
    ///
    /// - Parameter creates: whether one that is not there counts as an empty one.
    /// - Returns: the bytes; nil where there is no such file.
    /// - Throws: ``OperationError`` for one that is too large.
    func content(orEmptyIf creates: Bool) throws(OperationError) -> [UInt8]? {
        try present?.bytes(limit: HostFile.editableBytes) ?? (creates ? [] : nil)
    }

    /// What is to be done so that the file has a content.
    ///
    /// - Parameters:
    ///   - content: all of it.
    ///   - isSecret: whether nothing of it may be told.
    ///   - data: what the run tells besides.
    ///   - context: runs the program that checks it.
    /// - Returns: the plan.
    /// - Throws: ``OperationError`` where it cannot be compared.
    func plan(
        _ content: FileContent,
        isSecret: Bool = false,
        data: [String: JSONValue] = [:],
        in context: OperationContext
    ) async throws(OperationError) -> Plan {
        var replacement = FileReplacement(at: place, content)
        // Not of what is there when it is written: who puts another file there would get what was read of this one.
        replacement.isNew = present == nil
        replacement.mode = rights.mode ?? present?.state.mode
        replacement.uid = rights.uid ?? present?.state.uid
        replacement.gid = rights.gid ?? present?.state.gid
        replacement.validate = validate
        replacement.keepsOld = keepsOld
        replacement.isSecret = isSecret || !isForEverybody
        let told = data.merging(["path": .string(path)]) { $1 }
        let isSame = try await isHeld(content, in: context)
        guard let change = try replacement.change(from: present, isSame: isSame) else { return .nothing(told) }
        return Plan([change], data: told) { [replacement] in
            let backup = try await replacement.write(in: context)
            return backup.map { ["backup": .string($0)] } ?? [:]
        }
    }

    private func isHeld(_ content: FileContent, in context: OperationContext) async throws(OperationError) -> Bool {
        guard let present else { return false }
        return try await content.isHeld(by: present, in: context)
    }

    /// Whether everybody on the host may read the file, before and after; the record of a job may be read by more people than
    /// a file that is kept from most.
    private var isForEverybody: Bool {
        [present?.state.mode, rights.mode].allSatisfy { ($0 ?? 0o004) & 0o004 != 0 }
    }
}
