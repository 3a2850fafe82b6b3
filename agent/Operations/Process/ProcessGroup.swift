// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Asks the kernel who is in a process group.
enum ProcessGroup {
    /// Whether anybody but its leader is alive in the group; true where that cannot be found out.
    ///
    /// Goes through /proc, since a signal to a group does not tell a zombie from the living.
    static func hasMembers(_ group: pid_t) -> Bool {
        guard let directory = opendir("/proc") else { return true }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let pid = pid_t(name), pid != group, let stat = HostFile.read("/proc/\(name)/stat") else { continue }
            if isMember(stat: stat, of: group) { return true }
        }
        return false
    }

    /// Reads the line of `/proc/PID/stat`: `PID (NAME) STATE PARENT GROUP …`, where NAME may contain anything.
    static func isMember(stat: String, of group: pid_t) -> Bool {
        guard let nameEnd = stat.lastIndex(of: ")") else { return false }
        let fields = stat[stat.index(after: nameEnd)...].split(separator: " ", maxSplits: 3)
        guard fields.count > 2 else { return false }
        return pid_t(fields[2]) == group && fields[0] != "Z" && fields[0] != "X"
    }
}
