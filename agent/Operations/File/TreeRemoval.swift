// SPDX-License-Identifier: Apache-2.0

/// Takes away something with all that is in it.
struct TreeRemoval {
    private let context: OperationContext?
    /// How many files and directories are gone already.
    private(set) var removed = 0

    /// Makes a removal that has not begun.
    ///
    /// - Parameter context: says when the time is over; nil for one that is never too late.
    init(in context: OperationContext?) {
        self.context = context
    }

    /// How many files and directories there are at and below a name.
    static func count(
        _ name: HostName,
        in parent: borrowing HostDirectory,
        _ context: OperationContext,
        depth: Int = 0
    ) throws(OperationError) -> Int {
        guard let state = try parent.state(of: name) else { return 0 }
        guard state.kind == .directory else { return 1 }
        guard depth < HostDirectory.maximumDepth else { throw tooDeep(parent.path(of: name)) }
        try context.checkTime()
        let directory = try HostDirectory(name, in: parent)
        var count = 1
        for child in try directory.names() { count += try self.count(child, in: directory, context, depth: depth + 1) }
        return count
    }

    /// Takes away what a name stands for.
    mutating func remove(
        _ name: HostName,
        in parent: borrowing HostDirectory,
        depth: Int = 0
    ) throws(OperationError) {
        guard let state = try parent.state(of: name) else { return }
        if state.kind == .directory {
            guard depth < HostDirectory.maximumDepth else { throw Self.tooDeep(parent.path(of: name)) }
            try context?.checkTime()
            let directory = try HostDirectory(name, in: parent)
            for child in try directory.names() { try remove(child, in: directory, depth: depth + 1) }
        }
        try parent.remove(name, isDirectory: state.kind == .directory)
        removed += 1
    }

    private static func tooDeep(_ path: String) -> OperationError {
        OperationError("too_deep", "'\(path)' lies more than \(HostDirectory.maximumDepth) directories deep")
    }
}
