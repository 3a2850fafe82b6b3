// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Finds the local file systems of the host.
enum DiskFacts {
    /// How many file systems are told of at most.
    static let limit = 64

    /// The kinds of file system that live on a disk of this host.
    ///
    /// Only these are asked for their size: a question to
    /// one of another host, or to a program, may never be answered.
    private static let localTypes: Set<String> = [
        "bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "jfs", "msdos", "ntfs", "ntfs3", "overlay",
        "reiserfs", "vfat", "xfs", "zfs",
    ]

    /// A line of `/proc/mounts`.
    struct Mount: Hashable {
        let device: String
        let path: String
        let type: String
    }

    /// The file systems in the order in which they were mounted, each once.
    static func collect(root: String) -> [JSONValue] {
        guard let file = HostFile.read("\(root)/proc/mounts", limit: 1_048_576) else { return [] }
        return mounts(in: file).compactMap { mount in
            var sizes = statvfs()
            guard statvfs(mount.path, &sizes) == 0 else { return nil }
            let unit = UInt64(sizes.f_frsize)
            return [
                "mount": .string(mount.path),
                "device": .string(mount.device),
                "fs_type": .string(mount.type),
                "size": .int(Int64(clamping: UInt64(sizes.f_blocks) &* unit)),
                "free": .int(Int64(clamping: UInt64(sizes.f_bavail) &* unit)),
            ]
        }
    }

    /// The local file systems among the lines of `/proc/mounts`; of several mounts of a device the first.
    static func mounts(in file: String) -> [Mount] {
        var devices: Set<String> = []
        var mounts: [Mount] = []
        for line in file.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 3, localTypes.contains(String(fields[2])) else { continue }
            let mount = Mount(device: unescaped(fields[0]), path: unescaped(fields[1]), type: String(fields[2]))
            // Each container has an overlay; only one that the host itself stands on is a disk of it.
            if mount.type == "overlay", mount.path != "/" { continue }
            guard devices.insert(mount.device).inserted else { continue }
            mounts.append(mount)
            if mounts.count == limit { break }
        }
        return mounts
    }

    /// Undoes the kernel's writing of blanks and the like: `\040`.
    private static func unescaped(_ field: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
