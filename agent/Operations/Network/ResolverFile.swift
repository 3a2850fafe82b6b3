// SPDX-License-Identifier: Apache-2.0

/// What `/etc/resolv.conf` says (resolv.conf(5)).
struct ResolverFile: Equatable {
    static let path = "/etc/resolv.conf"

    var nameservers: [String] = []
    var search: [String] = []
    var options: [String] = []

    /// Makes one of its parts.
    init(nameservers: [String], search: [String], options: [String]) {
        self.nameservers = nameservers
        self.search = search
        self.options = options
    }

    /// Reads the text of the file.
    init(_ text: String) {
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            switch words.first {
            case "nameserver": nameservers += words.dropFirst().prefix(1)
            // The last one counts.
            case "search": search = Array(words.dropFirst())
            case "domain": search = Array(words.dropFirst().prefix(1))
            case "options": options += words.dropFirst()
            default: break
            }
        }
    }

    /// The text with this in it, and with the comments and all else that it had.
    func text(instead old: String) -> String {
        let replaced: Set<Substring> = ["nameserver", "search", "domain", "options"]
        var lines = old.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            !replaced.contains(line.split(whereSeparator: \.isWhitespace).first ?? "")
        }.map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        if !search.isEmpty { lines.append("search " + search.joined(separator: " ")) }
        lines += nameservers.map { "nameserver \($0)" }
        if !options.isEmpty { lines.append("options " + options.joined(separator: " ")) }
        return lines.joined(separator: "\n") + "\n"
    }
}
