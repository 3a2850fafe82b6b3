// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The users and groups in the files of a host: `/etc/passwd`, `/etc/group` and `/etc/shadow`.
///
/// Those of a directory such as LDAP are not there, and cannot be changed from here.
struct Accounts: Hashable, Sendable {
    /// A line of `/etc/passwd`.
    struct User: Hashable, Sendable {
        let name: String
        let uid: UInt32
        let gid: UInt32
        let comment: String
        let home: String
        let shell: String
    }

    /// A line of `/etc/group`.
    struct Group: Hashable, Sendable {
        let name: String
        let gid: UInt32
        let members: [String]
    }

    /// What of a line of `/etc/shadow` is asked for; the hash is never told.
    struct Secret: Hashable, Sendable {
        let hash: String
        /// The first day on which nobody can log in, counted from 1970-01-01; nil for never.
        let expires: Int64?
    }

    private(set) var users: [User]
    private(set) var groups: [Group]
    private var secrets: [String: Secret]

    /// Reads the files.
    ///
    /// - Throws: ``OperationError`` where they cannot be read.
    static func read() throws(OperationError) -> Accounts {
        Accounts(
            passwd: try HostFile.text("/etc/passwd", following: true) ?? "",
            group: try HostFile.text("/etc/group", following: true) ?? "",
            shadow: try HostFile.text("/etc/shadow", following: true) ?? ""
        )
    }

    /// Reads the texts of the files; lines that are none of theirs are passed over.
    init(passwd: String, group: String, shadow: String) {
        users = Self.fields(passwd, 7).compactMap(Self.user)
        groups = Self.fields(group, 4).compactMap { fields in
            guard let gid = UInt32(fields[2]) else { return nil }
            return Group(name: fields[0], gid: gid, members: fields[3].split(separator: ",").map(String.init))
        }
        secrets = Dictionary(
            Self.fields(shadow, 8).map {
                ($0[0], Secret(hash: $0[1], expires: Int64($0[7]).flatMap { $0 < 0 ? nil : $0 }))
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// A user by a line in the form of `/etc/passwd`; nil for another line.
    static func user(line: String) -> User? {
        fields(line, 7).first.flatMap(user)
    }

    private static func user(_ fields: [String]) -> User? {
        guard let uid = UInt32(fields[2]), let gid = UInt32(fields[3]) else { return nil }
        return User(name: fields[0], uid: uid, gid: gid, comment: fields[4], home: fields[5], shell: fields[6])
    }

    private static func fields(_ text: String, _ count: Int) -> [[String]] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            guard fields.count >= count, let first = fields[0].first, first != "#", first != "+", first != "-" else {
                return nil
            }
            return fields
        }
    }

    // MARK: Asking

    func user(_ name: String) -> User? { users.first { $0.name == name } }

    func group(_ name: String) -> Group? { groups.first { $0.name == name } }

    func group(gid: UInt32) -> Group? { groups.first { $0.gid == gid } }

    func secret(of name: String) -> Secret? { secrets[name] }

    /// Whether any user, group or secret is another one; their order in the files says nothing.
    func differs(from other: Accounts) -> Bool {
        Set(users) != Set(other.users) || Set(groups) != Set(other.groups) || secrets != other.secrets
    }

    /// The groups that a user is in besides its own.
    func groups(of user: User) -> [String] {
        groups.filter { $0.members.contains(user.name) && $0.gid != user.gid }.map(\.name).sorted()
    }

    /// Whether a user cannot log in with a password because somebody has locked that.
    func isLocked(_ name: String) -> Bool { secrets[name]?.hash.hasPrefix("!") ?? false }

    /// What a password is like: `set`, `none` (nothing is asked for), `unusable` (nothing fits).
    func password(of name: String) -> String {
        guard let hash = secrets[name]?.hash else { return "unusable" }
        if hash.isEmpty { return "none" }
        return hash.drop { $0 == "!" }.hasPrefix("$") || hash.drop { $0 == "!" }.count > 1 ? "set" : "unusable"
    }

    /// The user as runs tell it.
    ///
    /// - Parameters:
    ///   - user: the user.
    ///   - range: the uids of people.
    /// - Returns: the members.
    func told(_ user: User, people range: ClosedRange<UInt32>) -> [String: JSONValue] {
        [
            "name": .string(user.name), "uid": .int(Int64(user.uid)), "gid": .int(Int64(user.gid)),
            "group": group(gid: user.gid).map { .string($0.name) } ?? .null,
            "groups": .array(groups(of: user).map(JSONValue.string)), "comment": .string(user.comment),
            "home": .string(user.home), "shell": .string(user.shell), "locked": .bool(isLocked(user.name)),
            "password": .string(password(of: user.name)), "system": .bool(!range.contains(user.uid)),
            "expires": .string(Self.date(secrets[user.name]?.expires)),
        ]
    }

    /// A day as it is written: `2027-01-31`, or `never`.
    static func date(_ days: Int64?) -> String {
        guard let days else { return "never" }
        return String(Timestamp(milliseconds: days * 86_400_000).description.prefix(10))
    }

    /// The number of a day as it is written; nil for `never`.
    static func days(_ date: String) -> Int64? {
        Timestamp(date + "T00:00:00Z").map { $0.milliseconds / 86_400_000 }
    }

    /// The uids that people get, by `/etc/login.defs`.
    static func uidsOfPeople() -> ClosedRange<UInt32> {
        var values: [Substring: UInt32] = [:]
        for line in (HostFile.read("/etc/login.defs") ?? "").split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.count > 1 { values[words[0]] = UInt32(words[1]) }
        }
        let first = values["UID_MIN"] ?? 1000
        return first...max(first, values["UID_MAX"] ?? 60_000)
    }
}
