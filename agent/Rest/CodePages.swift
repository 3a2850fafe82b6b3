// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// The pages of the program's and its libraries' code that are mapped into this process.
///
/// Linux maps sixteen pages for each one that is touched, and keeps them until memory is short: after its start a program of
/// many parts has nearly all of its code resident, and needs little of it again.
package enum CodePages {
    /// A part of the address space.
    struct Range: Hashable, Sendable {
        var start: UInt
        var size: Int
    }

    /// Unmaps all code; what is needed again comes back, a few pages at a time, from the system's cache of files.
    ///
    /// Code is never written to, so nothing can be lost (but a debugger's breakpoints). Where it cannot be done, nothing
    /// changes.
    package static func release() {
        guard let text = FileManager.default.contents(atPath: "/proc/self/maps") else { return }
        for range in ranges(inMaps: String(decoding: text, as: UTF8.self)) {
            // SAFETY: the address is never read here, and the mapping of a file that may not be written to is the file's.
            _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: range.start), range.size, MADV_DONTNEED)
        }
    }

    /// The code of files in the text of `/proc/PID/maps` (proc_pid_maps(5)).
    static func ranges(inMaps text: String) -> [Range] {
        text.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count == 6, fields[1] == "r-xp", fields[5].contains("/") else { return nil }
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
            return Range(start: bounds[0], size: Int(bounds[1] - bounds[0]))
        }
    }
}
