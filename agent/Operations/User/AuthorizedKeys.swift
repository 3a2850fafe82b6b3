// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The file `.ssh/authorized_keys` in the home of a user, and how it is written back.
///
/// The user owns the directories and could put links in their place at any time, so that root would read or write
/// elsewhere: nothing is followed, and everything is done relative to directories that are open.
struct AuthorizedKeys: Sendable {
    private static let limit = 1024 * 1024

    let user: Accounts.User
    let lines: [String]
    private let home: OpenDirectory
    private let directory: OpenDirectory?
    private let old: (content: [UInt8], state: FileState)?

    /// Reads it.
    ///
    /// - Throws: ``OperationError`` where the home is not there, or something in it is not as sshd wants it.
    init(of user: Accounts.User) throws(OperationError) {
        self.user = user
        home = try OpenDirectory(at: user.home)
        try Self.check(try home.state(), home.path, user)
        directory = try home.directory(".ssh")
        if let directory { try Self.check(try directory.state(), directory.path, user) }
        old = try directory?.file("authorized_keys", limit: Self.limit)
        if let old { try Self.check(old.state, "\(home.path)/.ssh/authorized_keys", user) }
        guard let text = String(validating: old?.content ?? [], as: UTF8.self) else {
            throw OperationError("not_text", "'\(home.path)/.ssh/authorized_keys' is no UTF-8 text")
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines
    }

    private static func check(_ state: FileState, _ path: String, _ user: Accounts.User) throws(OperationError) {
        guard state.uid != user.uid, state.uid != 0 else { return }
        throw OperationError("wrong_owner", "'\(path)' belongs neither to '\(user.name)' nor to root")
    }

    /// The plan that gives the file other lines.
    func plan(_ new: [String], in context: OperationContext) -> Plan {
        let path = "\(home.path)/.ssh/authorized_keys"
        let content = Array(new.map { $0 + "\n" }.joined().utf8)
        // Others who may write to it could log in as the user.
        let mode = (old?.state.mode ?? 0o600) & ~0o022
        let data: [String: JSONValue] = ["user": .string(user.name), "path": .string(path), "keys": .int(count(new))]
        guard new != lines || old == nil && !new.isEmpty || old.map({ $0.state.mode != mode }) ?? false else {
            return .nothing(data)
        }
        let change = Plan.Change(
            path,
            from: old.map { ["keys": .int(count(lines)), "mode": .string($0.state.modeText)] } ?? .null,
            to: ["keys": .int(count(new)), "mode": .string(FileState.text(ofMode: mode))],
            diff: UnifiedDiff.between(path, old?.content, content)
        )
        let (user, home, directory, old) = (user, home, directory, old)
        return Plan([change], data: data) {
            let place = try directory ?? home.makeDirectory(".ssh", mode: 0o700, uid: user.uid, gid: user.gid)
            var file = FileReplacement("\(place.own)/authorized_keys", content, mode: mode)
            (file.uid, file.gid) = (old?.state.uid ?? user.uid, old?.state.gid ?? user.gid)
            do throws(OperationError) {
                try await file.write(in: context)
            } catch {
                if directory == nil { home.removeDirectory(".ssh") }
                throw OperationError(error.code, error.message.replacing(place.own, with: place.path), changed: false)
            }
            return [:]
        }
    }

    /// How many keys there are.
    var count: Int64 { count(lines) }

    private func count(_ lines: [String]) -> Int64 {
        Int64(lines.count { AuthorizedKey(line: $0) != nil })
    }
}
