// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Asks the kernel who descends from a process.
enum ProcessTree {
    /// What `/proc/PID/stat` says of a process.
    struct Entry: Hashable {
        /// The process.
        var pid: pid_t
        /// Its parent.
        var parent: pid_t
        /// Whether it can still act: it is no zombie.
        var isAlive: Bool
    }

    /// The living processes below `root`, parents before their children; nil where /proc cannot be read.
    static func descendants(of root: pid_t) -> [pid_t]? {
        guard let directory = opendir("/proc") else { return nil }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = pid_t(name), let stat = HostFile.read("/proc/\(name)/stat") else { continue }
            if let entry = Entry(pid: pid, stat: stat) { entries.append(entry) }
        }
        return descendants(of: root, among: entries)
    }

    /// The living ones of `entries` below `root`, parents before their children.
    static func descendants(of root: pid_t, among entries: [Entry]) -> [pid_t] {
        let children = Dictionary(grouping: entries, by: \.parent)
        var found: [Entry] = []
        var next = [root]
        // What is read while processes come and go may have a circle in it.
        var seen: Set<pid_t> = [root]
        while let parent = next.popLast() {
            for child in children[parent] ?? [] where seen.insert(child.pid).inserted {
                found.append(child)
                next.append(child.pid)
            }
        }
        return found.filter(\.isAlive).map(\.pid)
    }
}

extension ProcessTree.Entry {
    /// Reads the line of `/proc/PID/stat`: `PID (NAME) STATE PARENT …`, where NAME may contain anything.
    init?(pid: pid_t, stat: String) {
        guard let nameEnd = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ", maxSplits: 2)
        guard fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
        self.init(pid: pid, parent: parent, isAlive: fields[0] != "Z" && fields[0] != "X")
    }
}
