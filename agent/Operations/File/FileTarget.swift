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
struct FileTarget: Sendable {
    /// The file; with links followed where that is asked for.
    let path: String
    private let rights: FileRights
    private let keepsOld: Bool
    private let validate: [String]?

    /// Finds the file.
    ///
    /// - Throws: ``OperationError`` for a user or group that is not known, a link that leads nowhere, and a directory that is
    ///   not there.
    init(_ parameters: some FileWritingParameters) throws(OperationError) {
        let path = try HostPath.clean(parameters.path)
        self.path = parameters.follow ? try Self.followed(path) : path
        rights = try FileRights(owner: parameters.owner, group: parameters.group, mode: parameters.mode)
        keepsOld = parameters.backup
        validate = parameters.validate
        try HostPath.checkDirectory(of: self.path)
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
    /// - Throws: ``OperationError`` for what is no file.
    func content(orEmptyIf creates: Bool) throws(OperationError) -> [UInt8]? {
        if let state = try FileState(at: path), state.kind == .link {
            throw OperationError("is_a_link", "'\(path)' is a link; name the file that it leads to, or use 'follow'")
        }
        return try HostFile.bytes(path) ?? (creates ? [] : nil)
    }

    /// What is to be done so that the file has a content.
    ///
    /// - Parameters:
    ///   - content: all of it.
    ///   - isSecret: whether nothing of it may be told.
    ///   - data: what the run tells besides.
    ///   - context: runs the program that checks it.
    /// - Returns: the plan.
    /// - Throws: ``OperationError`` for what is no file.
    func plan(
        _ content: [UInt8],
        isSecret: Bool = false,
        data: [String: JSONValue] = [:],
        in context: OperationContext
    ) throws(OperationError) -> Plan {
        var replacement = FileReplacement(path, content, mode: rights.mode)
        replacement.uid = rights.uid
        replacement.gid = rights.gid
        replacement.validate = validate
        replacement.keepsOld = keepsOld
        let isForEverybody = try isForEverybody()
        replacement.isSecret = isSecret || !isForEverybody
        let told = data.merging(["path": .string(path)]) { $1 }
        guard let change = try replacement.change() else { return .nothing(told) }
        return Plan([change], data: told) { [replacement] in
            let backup = try await replacement.write(in: context)
            return backup.map { ["backup": .string($0)] } ?? [:]
        }
    }

    /// Whether everybody on the host may read the file, before and after; the record of a job may be read by more people than
    /// a file that is kept from most.
    private func isForEverybody() throws(OperationError) -> Bool {
        let now = try FileState(at: path)?.mode
        return [now, rights.mode].allSatisfy { ($0 ?? 0o004) & 0o004 != 0 }
    }
}
