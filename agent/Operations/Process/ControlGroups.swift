// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Makes a control group (cgroup v2) per run below the agent's own, where the host lets it.
///
/// The supervisor finds every process of a run without it. A group makes SIGKILL reach all of them at one moment, so
/// that those that fork faster than they can be listed have no chance, and it is still there if somebody kills the
/// supervisor.
package final class ControlGroups: Sendable {
    /// Those below the group that the agent runs in.
    package static let own = ControlGroups(
        parent: path(
            mounts: HostFile.read("/proc/self/mountinfo", limit: 1 << 20) ?? "",
            groups: HostFile.read("/proc/self/cgroup") ?? ""
        )
    )

    /// Where groups are made; nil where the host has no such thing.
    let parent: String?

    private struct State {
        var next = 0
        var hasSwept = false
        /// Groups in which somebody was left.
        var busy: [String] = []
    }

    private let state = Mutex(State())
    private static let prefix = "broker-run-"

    /// Makes groups below a directory, or none.
    init(parent: String?) {
        self.parent = parent
    }

    /// The directory of the group that this process is in; nil if there is none.
    static func path(mounts: String, groups: String) -> String? {
        guard let own = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") })?.dropFirst(3) else {
            return nil
        }
        for line in mounts.split(separator: "\n") {
            // `ID PARENT DEVICE ROOT MOUNT OPTIONS … - TYPE SOURCE OPTIONS`
            let fields = line.split(separator: " ")
            guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count,
                fields[dash + 1] == "cgroup2"
            else { continue }
            let root = fields[3] == "/" ? "" : fields[3]
            guard own == root || own.hasPrefix("\(root)/"), !own.split(separator: "/").contains("..") else { continue }
            let below = own.dropFirst(root.count)
            return String(fields[4]) + (below == "/" ? "" : below)
        }
        return nil
    }

    /// Whether groups can be made.
    package var isAvailable: Bool {
        guard let group = make() else { return false }
        remove(group.path)
        return true
    }

    /// Makes a group; nil where that cannot be had.
    ///
    /// Removes first what was left of older ones and is empty.
    func make() -> RunGroup? {
        guard let parent else { return nil }
        let (number, isFirst, busy) = state.withLock { state in
            defer {
                state.next += 1
                state.hasSwept = true
                state.busy = []
            }
            return (state.next, !state.hasSwept, state.busy)
        }
        if isFirst { sweep(parent) }
        for path in busy { remove(path) }
        let path = "\(parent)/\(Self.prefix)\(getpid())-\(number)"
        guard mkdir(path, 0o755) == 0 else { return nil }
        let processes = FileDescriptor(owning: open("\(path)/cgroup.procs", O_WRONLY | O_CLOEXEC))
        let kill = FileDescriptor(owning: open("\(path)/cgroup.kill", O_WRONLY | O_CLOEXEC))
        guard processes.number > 2, kill.number > 2 else {
            rmdir(path)
            return nil
        }
        return RunGroup(path: path, processes: processes, kill: kill)
    }

    /// Removes a group; one in which somebody was left is tried again later.
    func remove(_ path: String) {
        guard rmdir(path) != 0, errno == EBUSY else { return }
        state.withLock { $0.busy.append(path) }
    }

    /// Removes the empty groups of agents that are gone.
    private func sweep(_ parent: String) {
        guard let directory = opendir(parent) else { return }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name.hasPrefix(Self.prefix) else { continue }
            let owner = name.dropFirst(Self.prefix.count).split(separator: "-").first.flatMap { pid_t($0) }
            if let owner, owner != getpid(), kill(owner, 0) == 0 { continue }
            rmdir("\(parent)/\(name)")
        }
    }
}

/// A group that was just made, with what its processes need to get in and to be killed.
final class RunGroup {
    /// Its directory.
    let path: String
    /// Whoever writes 0 to this file is in.
    let processes: FileDescriptor
    /// Kills all members when 1 is written to it.
    let kill: FileDescriptor

    /// Takes over the open files.
    init(path: String, processes: consuming FileDescriptor, kill: consuming FileDescriptor) {
        self.path = path
        self.processes = processes
        self.kill = kill
    }

    /// The numbers of its files.
    var numbers: (processes: Int32, kill: Int32) { (processes.number, kill.number) }

    /// Kills all members of a group.
    static func kill(_ path: String) {
        let file = FileDescriptor(owning: open("\(path)/cgroup.kill", O_WRONLY | O_CLOEXEC))
        if file.number >= 0 { write(file.number, "1", 1) }
    }

    /// Who is in a group.
    static func members(of path: String) -> [pid_t] {
        (HostFile.read("\(path)/cgroup.procs", limit: 1 << 20) ?? "").split(separator: "\n").compactMap { pid_t($0) }
    }
}
