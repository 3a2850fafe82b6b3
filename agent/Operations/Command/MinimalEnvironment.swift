// SPDX-License-Identifier: Apache-2.0

import Glibc

extension OperationContext {
    /// What a process finds in its environment if the job says nothing: PATH, HOME and LANG, the same on every host
    /// and however the agent was started.
    package static var minimalEnvironment: [String: String] {
        [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": homeDirectory ?? "/",
            "LANG": "C.UTF-8",
        ]
    }

    /// The home of the agent's user; nil if the host does not know it.
    private static var homeDirectory: String? {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let start = buffer.baseAddress,
                getpwuid_r(getuid(), &entry, start, buffer.count, &result) == 0, result != nil,
                let directory = entry.pw_dir
            else { return nil }
            return String(cString: directory)
        }
    }
}
