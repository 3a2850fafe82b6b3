// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The names of users, each asked for once.
struct UserNames {
    private var names: [UInt32: String] = [:]

    /// The name of a user; the number as text where it has none.
    mutating func name(of uid: UInt32) -> String {
        if let name = names[uid] { return name }
        let name = Self.lookUp(uid) ?? "\(uid)"
        names[uid] = name
        return name
    }

    private static func lookUp(_ uid: UInt32) -> String? {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
            guard let start = buffer.baseAddress,
                getpwuid_r(uid, &entry, start, buffer.count, &result) == 0, result != nil, let name = entry.pw_name
            else { return nil }
            return String(cString: name)
        }
    }
}
