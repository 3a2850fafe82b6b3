// SPDX-License-Identifier: Apache-2.0

/// What operations do not take away, nor change as a whole, whatever a job says.
enum ProtectedPaths {
    private static let directories: Set<String> = [
        "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib32", "/lib64", "/libx32", "/lost+found", "/media",
        "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/selinux", "/snap", "/srv", "/sys", "/tmp", "/usr", "/var",
        "/usr/bin", "/usr/include", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/libx32", "/usr/local",
        "/usr/sbin", "/usr/share", "/usr/src", "/var/backups", "/var/cache", "/var/lib", "/var/local", "/var/lock",
        "/var/log", "/var/mail", "/var/opt", "/var/run", "/var/spool", "/var/tmp", "/etc/passwd", "/etc/shadow",
        "/etc/group",
    ]

    /// Refuses a path of the system, by whatever links it is reached.
    ///
    /// - Parameter path: a clean path.
    /// - Throws: ``OperationError``.
    static func check(_ path: String) throws(OperationError) {
        for place in [path, try real(path)] where directories.contains(place) {
            throw OperationError("protected_path", "'\(place)' belongs to the system and is not touched")
        }
    }

    /// The path with links on the way followed, but not one at its end.
    private static func real(_ path: String) throws(OperationError) -> String {
        guard let (directory, name) = HostPath.split(path), let parent = try HostPath.resolved(directory) else {
            return path
        }
        return HostPath.joined(parent, name)
    }

    /// Refuses a path at or below which something is mounted.
    static func checkMounts(below path: String) throws(OperationError) {
        guard let table = HostFile.read("/proc/self/mountinfo", limit: 1 << 20) else {
            throw OperationError(
                "system_error",
                "cannot read /proc/self/mountinfo to see what is mounted below '\(path)'"
            )
        }
        let place = try real(path)
        for mount in mountPoints(in: table) where mount == place || mount.utf8.starts(with: "\(place)/".utf8) {
            throw OperationError("busy", "'\(mount)' is mounted; unmount it first")
        }
    }

    /// The mount points of a table as the kernel writes it (proc(5), mountinfo).
    static func mountPoints(in table: String) -> [String] {
        table.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            return fields.count > 4 ? unescaped(fields[4]) : nil
        }
    }

    /// A path in which white space and backslashes are written as three octal digits.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8) {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
