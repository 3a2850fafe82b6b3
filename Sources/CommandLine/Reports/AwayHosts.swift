// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The word on hosts that a job waits for: `1 host is away (web-2) and gets the job on its return, until 2026-11-21 …`.
package struct AwayHosts: Hashable, Sendable, CustomStringConvertible {
    /// How many hosts are named.
    private static let named = 5

    /// The line.
    package let description: String

    /// The word on some hosts; nil where there are none.
    ///
    /// - Parameters:
    ///   - hostnames: the hosts that are away, in order.
    ///   - isAll: whether these are all of them.
    ///   - deadline: until when the job waits.
    package init?(_ hostnames: [String], isAll: Bool, deadline: Timestamp) {
        guard !hostnames.isEmpty else { return nil }
        var names = hostnames.prefix(Self.named).joined(separator: ", ")
        if hostnames.count > Self.named { names += " and \(hostnames.count - Self.named) more" }
        let count = (isAll ? "" : "at least ") + "\(hostnames.count)"
        let words = hostnames.count == 1 ? "host is away (\(names)) and gets" : "hosts are away (\(names)) and get"
        let ending = hostnames.count == 1 ? "its" : "their"
        let text = "\(count) \(words) the job on \(ending) return, until \(deadline.brief)"
        description = SafeText.line.made(of: text)
    }
}
