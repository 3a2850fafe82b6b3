// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Gives a directory, and where asked for all that is in it, an owner and a mode.
struct TreeRights: Sendable {
    /// Something whose owner or mode is to be another.
    struct Entry: Sendable {
        /// The way to it from the directory that the tree is in.
        let names: [HostName]
        /// Where it is, for messages.
        let path: String
        let present: FileState
        let wanted: FileRights

        /// The change as a plan has it.
        var change: Plan.Change {
            let mode = present.kind == .link ? present.mode : wanted.mode ?? present.mode
            return Plan.Change(
                path,
                from: FileState.summary(present.mode, present.uid, present.gid),
                to: FileState.summary(mode, wanted.uid ?? present.uid, wanted.gid ?? present.gid)
            )
        }
    }

    /// The directory that the tree is in.
    let parent: String
    /// What the directories get.
    let directories: FileRights
    /// What all else gets; a link gets no mode.
    let files: FileRights
    /// How many files and directories were looked at.
    private(set) var lookedAt = 0
    /// What is to be changed.
    private(set) var entries: [Entry] = []

    init(parent: String, directories: FileRights, files: FileRights) {
        self.parent = parent
        self.directories = directories
        self.files = files
    }

    /// Finds out what is to be changed.
    ///
    /// - Parameters:
    ///   - name: the top of the tree.
    ///   - isRecursive: whether what is in it counts.
    ///   - context: says when the time is over.
    /// - Throws: ``OperationError`` where something cannot be looked at.
    mutating func survey(_ name: String, isRecursive: Bool, in context: OperationContext) throws(OperationError) {
        try survey([], HostName(name), in: HostDirectory(parent), isRecursive: isRecursive, context)
    }

    private mutating func survey(
        _ way: [HostName],
        _ name: HostName,
        in directory: borrowing HostDirectory,
        isRecursive: Bool,
        _ context: OperationContext
    ) throws(OperationError) {
        guard let state = try directory.state(of: name) else { return }
        try context.checkTime()
        lookedAt += 1
        var wanted = state.kind == .directory ? directories : files
        if state.kind == .link { wanted.mode = nil }
        if !state.has(wanted) {
            let path = directory.path(of: name)
            entries.append(Entry(names: way + [name], path: path, present: state, wanted: wanted))
        }
        guard isRecursive, state.kind == .directory else { return }
        guard way.count < HostDirectory.maximumDepth else {
            throw OperationError("too_deep", "'\(directory.path(of: name))' lies too deep")
        }
        let inner = try HostDirectory(name, in: directory)
        for child in try inner.names() {
            try survey(way + [name], child, in: inner, isRecursive: true, context)
        }
    }

    /// Makes the changes, all or none.
    ///
    /// - Throws: ``OperationError``; `changed` is nil where not all could be put back.
    func apply(in context: OperationContext) throws(OperationError) {
        var done = 0
        do throws(OperationError) {
            for entry in entries {
                try context.checkTime()
                // Counts from here on: one that fails may have its owner already.
                done += 1
                try set(entry, entry.wanted, from: entry.present)
            }
        } catch {
            var error = error
            error.changed = undo(entries[..<done]) ? false : nil
            throw error
        }
    }

    /// Gives entries back what they had; answers whether all have it.
    private func undo(_ entries: ArraySlice<Entry>) -> Bool {
        var isWhole = true
        for entry in entries.reversed() {
            do throws(OperationError) {
                let old = entry.present
                var rights = FileRights(mode: old.mode, uid: old.uid, gid: old.gid)
                if old.kind == .link { rights.mode = nil }
                try set(entry, rights, from: nil)
            } catch {
                isWhole = false
            }
        }
        return isWhole
    }

    private func set(_ entry: Entry, _ rights: FileRights, from present: FileState?) throws(OperationError) {
        try set(entry.names[...], rights, from: present, in: HostDirectory(parent))
    }

    private func set(
        _ way: ArraySlice<HostName>,
        _ rights: FileRights,
        from present: FileState?,
        in directory: borrowing HostDirectory
    ) throws(OperationError) {
        guard let name = way.first else { return }
        guard way.count == 1 else {
            return try set(way.dropFirst(), rights, from: present, in: HostDirectory(name, in: directory))
        }
        guard let state = try directory.state(of: name), present.map({ $0.kind == state.kind }) ?? true else {
            throw OperationError("changed_meanwhile", "'\(directory.path(of: name))' has changed meanwhile; try again")
        }
        try directory.setRights(of: name, rights, present: state)
    }
}

extension FileState {
    /// Whether it has an owner, a group and a mode.
    func has(_ rights: FileRights) -> Bool {
        (rights.mode ?? mode) == mode && (rights.uid ?? uid) == uid && (rights.gid ?? gid) == gid
    }

    /// An owner and a mode as a plan tells them.
    static func summary(_ mode: UInt32, _ uid: UInt32, _ gid: UInt32) -> JSONValue {
        ["mode": .string(text(ofMode: mode)), "uid": .int(Int64(uid)), "gid": .int(Int64(gid))]
    }
}
