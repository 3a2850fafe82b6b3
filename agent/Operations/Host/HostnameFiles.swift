// SPDX-License-Identifier: Apache-2.0

/// The files that have the name of the host.
enum HostnameFiles {
    static let name = "/etc/hostname"
    static let hosts = "/etc/hosts"

    /// The name that the host will have when it starts again; nil where the file has none.
    static var staticName: String? {
        HostFile.read(name)?.split(whereSeparator: \.isNewline)
            .map { $0.split(separator: " ").joined() }.first { !$0.isEmpty && !$0.hasPrefix("#") }
    }

    /// `/etc/hosts` with a name at 127.0.1.1, where Debian has that of a host without a fixed address.
    ///
    /// - Parameters:
    ///   - name: the name, with a domain or without.
    ///   - text: the file; nil where there is none.
    /// - Returns: the file with the name; the same text where it has it.
    static func naming(_ name: String, in text: String?) -> String {
        let short = name.prefix { $0 != "." }
        let wanted = "127.0.1.1\t" + (short == name ? name : "\(name) \(short)")
        var lines = (text ?? "127.0.0.1\tlocalhost\n").split(separator: "\n", omittingEmptySubsequences: false)
        func fields(_ line: Substring) -> [Substring] {
            line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
        }
        if let place = lines.firstIndex(where: { fields($0).first == "127.0.1.1" }) {
            if fields(lines[place]) == fields(Substring(wanted)) { return text ?? "" }
            lines[place] = Substring(wanted)
        } else {
            let after = lines.lastIndex { fields($0).first == "127.0.0.1" }
            lines.insert(Substring(wanted), at: after.map { $0 + 1 } ?? 0)
        }
        return lines.joined(separator: "\n")
    }
}
