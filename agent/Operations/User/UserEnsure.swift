// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `user.ensure`: a user that is to be there, and to be so.
struct UserEnsure: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
        let uid: UInt32?
        let group: String?
        let groups: [String]?
        let appendGroups: Bool
        let comment: String?
        let home: String?
        let moveHome: Bool
        let createHome: Bool?
        let shell: String?
        let system: Bool
        let expires: String?
        let locked: Bool?
    }

    let type = "user.ensure"

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        try context.needAccountTools()
        let accounts = try Accounts.read()
        try check(parameters, accounts)
        guard let user = accounts.user(parameters.name) else {
            guard try await !isElsewhere(parameters.name, context) else {
                throw OperationError(
                    "not_local",
                    "'\(parameters.name)' is a user of a directory, which is not changed from here"
                )
            }
            return creation(parameters, accounts, context)
        }
        try checkMove(of: user, parameters)
        return change(of: user, parameters, accounts, context)
    }

    private func check(_ parameters: Parameters, _ accounts: Accounts) throws(OperationError) {
        for name in (parameters.groups ?? []) + [parameters.group].compactMap({ $0 }) where accounts.group(name) == nil
        {
            throw OperationError("group_not_found", "this host has no group '\(name)'; group.ensure makes it")
        }
        if let uid = parameters.uid, let other = accounts.users.first(where: { $0.uid == uid }),
            other.name != parameters.name
        {
            throw OperationError("uid_in_use", "the uid \(uid) is that of '\(other.name)'")
        }
    }

    /// usermod finds out that it cannot move a home when it has already written where that is.
    private func checkMove(of user: Accounts.User, _ parameters: Parameters) throws(OperationError) {
        guard parameters.moveHome, let home = parameters.home, home != user.home, try FileState(at: home) != nil else {
            return
        }
        throw OperationError("exists", "'\(home)' is there, so that the home cannot be moved to it")
    }

    private func isElsewhere(_ name: String, _ context: OperationContext) async throws(OperationError) -> Bool {
        guard context.hasTool("getent") else { return false }
        return try await context.tool(["getent", "passwd", name], ok: [0, 2]).exitCode == 0
    }

    // MARK: A new one

    private func creation(_ parameters: Parameters, _ accounts: Accounts, _ context: OperationContext) -> Plan {
        let name = parameters.name
        // A group of the user's name is its own, as useradd would make it.
        let group = parameters.group ?? accounts.group(name)?.name
        let change = Plan.Change("user \(name)", from: .null, to: .object(told(parameters, group: group)))
        // useradd knows no last day of a user of the system.
        let later = parameters.system ? expiry(parameters) : []
        let user = UserCreation(
            name: name,
            options: creationOptions(parameters, group: group),
            laterOptions: later,
            home: parameters.home
        )
        return Plan([change], data: ["name": .string(name)]) {
            try await user.make(in: context)
            let uid = (try? Accounts.read())?.user(name).map { JSONValue.int(Int64($0.uid)) }
            return ["uid": uid ?? .null]
        }
    }

    private func creationOptions(_ parameters: Parameters, group: String?) -> [String] {
        var options: [String] = []
        if parameters.system { options.append("--system") }
        options.append(parameters.createHome ?? !parameters.system ? "--create-home" : "--no-create-home")
        if let uid = parameters.uid { options.append("--uid=\(uid)") }
        if let group { options.append("--gid=\(group)") }
        if let groups = parameters.groups, !groups.isEmpty {
            options.append("--groups=\(groups.joined(separator: ","))")
        }
        if let home = parameters.home { options.append("--home-dir=\(home)") }
        if let shell = parameters.shell { options.append("--shell=\(shell)") }
        if let comment = parameters.comment { options.append("--comment=\(comment)") }
        if !parameters.system { options += expiry(parameters) }
        // useradd locks whom it makes, unless it is given a password; `*` is one that nothing fits.
        if parameters.locked == false { options.append("--password=*") }
        return options
    }

    private func expiry(_ parameters: Parameters) -> [String] {
        guard let expires = parameters.expires, expires != "never" else { return [] }
        return ["--expiredate=\(expires)"]
    }

    private func told(_ parameters: Parameters, group: String?) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        members["uid"] = parameters.uid.map { .int(Int64($0)) }
        members["group"] = group.map(JSONValue.string)
        members["groups"] = parameters.groups.map { .array($0.sorted().map(JSONValue.string)) }
        members["home"] = parameters.home.map(JSONValue.string)
        members["shell"] = parameters.shell.map(JSONValue.string)
        members["comment"] = parameters.comment.map(JSONValue.string)
        members["expires"] = parameters.expires.map(JSONValue.string)
        members["locked"] = .bool(parameters.locked ?? true)
        return members
    }

    // MARK: One that is there

    private func change(
        of user: Accounts.User,
        _ parameters: Parameters,
        _ accounts: Accounts,
        _ context: OperationContext
    ) -> Plan {
        var (before, after): ([String: JSONValue], [String: JSONValue]) = ([:], [:])
        var options: [String] = []
        func wish(_ name: String, _ old: JSONValue, _ new: JSONValue?, _ option: String...) {
            guard let new, new != old else { return }
            (before[name], after[name]) = (old, new)
            options += option
        }
        let there = accounts.told(user, people: 0...0)
        wish("uid", .int(Int64(user.uid)), parameters.uid.map { .int(Int64($0)) }, "--uid=\(parameters.uid ?? 0)")
        wish(
            "group",
            there["group"] ?? .null,
            parameters.group.map(JSONValue.string),
            "--gid=\(parameters.group ?? "")"
        )
        let groups = finalGroups(of: user, parameters, accounts)
        wish(
            "groups",
            there["groups"] ?? [],
            groups.map { .array($0.map(JSONValue.string)) },
            "--groups=\((groups ?? []).joined(separator: ","))"
        )
        wish(
            "comment",
            .string(user.comment),
            parameters.comment.map(JSONValue.string),
            "--comment=\(parameters.comment ?? "")"
        )
        wish("shell", .string(user.shell), parameters.shell.map(JSONValue.string), "--shell=\(parameters.shell ?? "")")
        let move = parameters.moveHome ? ["--move-home"] : []
        wish("home", .string(user.home), parameters.home.map(JSONValue.string), "--home=\(parameters.home ?? "")")
        if after["home"] != nil { options += move }
        let day = parameters.expires == "never" ? "" : parameters.expires ?? ""
        wish("expires", there["expires"] ?? .null, parameters.expires.map(JSONValue.string), "--expiredate=\(day)")
        let isLocked = accounts.isLocked(user.name)
        wish("locked", .bool(isLocked), parameters.locked.map(JSONValue.bool), lock(user, parameters, accounts))
        var data: [String: JSONValue] = ["name": .string(user.name), "uid": .int(Int64(parameters.uid ?? user.uid))]
        guard !after.isEmpty else { return .nothing(data) }
        data["name"] = .string(user.name)
        let change = Plan.Change("user \(user.name)", from: .object(before), to: .object(after))
        let arguments = ["usermod"] + options + [user.name]
        return Plan([change], data: data) {
            try await context.accountTool(arguments)
            return [:]
        }
    }

    private func lock(_ user: Accounts.User, _ parameters: Parameters, _ accounts: Accounts) -> String {
        if parameters.locked == true { return "--lock" }
        // There is nothing to unlock where there was never a password: then none fits, but nothing is locked.
        let hasNone = accounts.secret(of: user.name)?.hash.allSatisfy { $0 == "!" } ?? true
        return hasNone ? "--password=*" : "--unlock"
    }

    private func finalGroups(of user: Accounts.User, _ parameters: Parameters, _ accounts: Accounts) -> [String]? {
        guard let groups = parameters.groups else { return nil }
        let own = parameters.group ?? accounts.group(gid: user.gid)?.name
        let kept = parameters.appendGroups ? accounts.groups(of: user) : []
        return Set(groups + kept).subtracting([own].compactMap { $0 }).sorted()
    }
}
