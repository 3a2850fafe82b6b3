// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads the names in directories of the kernel and of the host's settings.
enum HostListing {
    /// The names in a directory in no order, without `.` and `..`; none where it cannot be read.
    static func names(in path: String, limit: Int = 100_000) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while names.count < limit, let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
