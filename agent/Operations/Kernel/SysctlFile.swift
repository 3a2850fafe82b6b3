// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The text of a file that sysctl(8) reads.
enum SysctlFile {
    /// What a line sets; nil for a comment and the like.
    static func setting(in line: Substring) -> (key: SysctlKey, value: String)? {
        guard let mark = line.firstIndex(of: "=") else { return nil }
        var name = line[..<mark].split(whereSeparator: \.isWhitespace).joined()
        // A fault of it is to be passed over.
        if name.hasPrefix("-") { name.removeFirst() }
        guard !name.hasPrefix("#"), !name.hasPrefix(";"), let key = SysctlKey(name) else { return nil }
        return (key, SysctlKey.plain(String(line[line.index(after: mark)...])))
    }

    /// The last value that a text gives to a setting; nil for none.
    static func value(of key: SysctlKey, in text: String) -> String? {
        text.split(separator: "\n").compactMap(setting).last { $0.key == key }?.value
    }

    /// The text with a value for a setting, in the place of the last line that has one; others are taken away.
    static func setting(_ key: SysctlKey, to value: String, in text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let places = lines.indices.filter { setting(in: lines[$0])?.key == key }
        let line = Substring("\(key.name) = \(value)")
        if let last = places.last {
            lines[last] = line
            for place in places.dropLast().reversed() { lines.remove(at: place) }
        } else {
            lines.append(line)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The files that are read after `file` when the host starts, and have another value for the setting.
    static func overriding(_ file: String, _ key: SysctlKey, _ value: String) -> [String] {
        let directory = "/etc/sysctl.d"
        guard file.hasPrefix(directory + "/") else { return [] }
        let later = HostListing.names(in: directory).filter { name in
            name.hasSuffix(".conf") && "\(directory)/\(name)" > file
        }
        return later.sorted().map { "\(directory)/\($0)" }.filter { path in
            let other = HostFile.read(path, limit: 1_048_576).flatMap { self.value(of: key, in: $0) }
            return other != nil && other != value
        }
    }
}
