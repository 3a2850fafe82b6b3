// SPDX-License-Identifier: Apache-2.0

/// Moves all that is in one directory into another one of the same file system, and can take it back.
///
/// Directories are made or used as they are; all else takes the place of what is there.
struct TreeMerge {
    private enum Step {
        /// A directory was made.
        case made([HostName])
        /// Something was moved in.
        case placed([HostName])
        /// What was in its place is kept under a name.
        case kept([HostName], HostName)
    }

    private let destination: String
    /// Where what was replaced is kept.
    private let store: String
    private var steps: [Step] = []

    /// Makes a merge that has not begun.
    ///
    /// - Parameters:
    ///   - destination: where all goes.
    ///   - store: an empty directory for what is replaced.
    init(into destination: String, keepingOldIn store: String) {
        self.destination = destination
        self.store = store
    }

    /// Moves all in.
    ///
    /// - Parameters:
    ///   - source: what is in it is moved.
    ///   - stripped: how many directories are taken off the front; what does not lie that deep is left out.
    ///   - context: says when the time is over.
    /// - Throws: ``OperationError`` where a directory and something else are to be in one place; then call ``undo()``.
    mutating func move(
        _ source: borrowing HostDirectory,
        stripping stripped: Int,
        _ context: OperationContext
    ) throws(OperationError) {
        try move(source, [], HostDirectory(destination), stripping: stripped, context)
    }

    /// Moves one file in.
    mutating func move(_ name: HostName, in source: borrowing HostDirectory) throws(OperationError) {
        try place(name, in: source, [], HostDirectory(destination))
    }

    private mutating func move(
        _ source: borrowing HostDirectory,
        _ way: [HostName],
        _ target: borrowing HostDirectory,
        stripping stripped: Int,
        _ context: OperationContext
    ) throws(OperationError) {
        for name in try source.names() {
            try context.checkTime()
            guard let state = try source.state(of: name) else { continue }
            guard state.kind == .directory else {
                if stripped == 0 { try place(name, in: source, way, target) }
                continue
            }
            let inner = try HostDirectory(name, in: source)
            if stripped > 0 {
                try move(inner, way, target, stripping: stripped - 1, context)
                continue
            }
            let isNew = try make(name, way, target)
            try move(inner, way + [name], HostDirectory(name, in: target), stripping: 0, context)
            // Only now: a directory that nobody may write to would take nothing in.
            guard isNew, let made = try target.state(of: name) else { continue }
            let rights = FileRights(mode: state.mode, uid: state.uid, gid: state.gid)
            try target.setRights(of: name, rights, present: made)
        }
    }

    /// Sees to a directory; answers whether it is a new one.
    private mutating func make(
        _ name: HostName,
        _ way: [HostName],
        _ target: borrowing HostDirectory
    ) throws(OperationError) -> Bool {
        if let state = try target.state(of: name) {
            guard state.kind == .directory else {
                throw OperationError("not_a_directory", "'\(target.path(of: name))' is a \(state.kind.rawValue)")
            }
            return false
        }
        try target.makeDirectory(name)
        steps.append(.made(way + [name]))
        return true
    }

    private mutating func place(
        _ name: HostName,
        in source: borrowing HostDirectory,
        _ way: [HostName],
        _ target: borrowing HostDirectory
    ) throws(OperationError) {
        if let state = try target.state(of: name) {
            guard state.kind != .directory else {
                throw OperationError("is_a_directory", "'\(target.path(of: name))' is a directory")
            }
            let kept = HostName("\(steps.count)")
            try target.move(name, to: HostDirectory(store), as: kept)
            steps.append(.kept(way + [name], kept))
        }
        try source.move(name, to: target, as: name)
        steps.append(.placed(way + [name]))
    }

    /// Something that could not be taken back.
    struct Left: Hashable, Sendable {
        /// Where it is, below the directory that all went into.
        let path: String
        /// The name under which what was there before is kept in the store; nil where nothing was.
        let kept: String?
    }

    /// Takes all back.
    ///
    /// - Returns: what could not be taken back, the last first; nothing where everything is as it was.
    mutating func undo() -> [Left] {
        var left: [Left] = []
        while let step = steps.popLast() {
            do throws(OperationError) {
                switch step {
                case .made(let way): try remove(way, isDirectory: true)
                case .placed(let way): try remove(way, isDirectory: false)
                case .kept(let way, let kept): try restore(way, kept)
                }
            } catch {
                switch step {
                case .made(let way), .placed(let way): left.append(Left(path: Self.text(way), kept: nil))
                case .kept(let way, let kept): left.append(Left(path: Self.text(way), kept: kept.text))
                }
            }
        }
        return left
    }

    private static func text(_ way: [HostName]) -> String { way.map(\.text).joined(separator: "/") }

    private func remove(_ way: [HostName], isDirectory: Bool) throws(OperationError) {
        try withDirectory(of: way[...], in: HostDirectory(destination)) { directory, name throws(OperationError) in
            try directory.remove(name, isDirectory: isDirectory)
        }
    }

    private func restore(_ way: [HostName], _ kept: HostName) throws(OperationError) {
        let store = try HostDirectory(store)
        try withDirectory(of: way[...], in: HostDirectory(destination)) { directory, name throws(OperationError) in
            try store.move(kept, to: directory, as: name)
        }
    }

    /// Calls `body` with the directory that something is in, and its name there.
    private func withDirectory(
        of way: ArraySlice<HostName>,
        in directory: borrowing HostDirectory,
        _ body: (borrowing HostDirectory, HostName) throws(OperationError) -> Void
    ) throws(OperationError) {
        guard let name = way.first else { return }
        guard way.count > 1 else { return try body(directory, name) }
        try withDirectory(of: way.dropFirst(), in: HostDirectory(name, in: directory), body)
    }
}
