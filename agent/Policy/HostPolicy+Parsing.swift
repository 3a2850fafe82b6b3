// SPDX-License-Identifier: Apache-2.0

import Jobs

extension HostPolicy {
    /// Bytes of a policy at most.
    package static let maximumBytes = 64 * 1024

    /// Reads a policy.
    ///
    /// Each line is `mode read-only`, or `allow` or `deny` with conditions `operation=`, `submitter=` and `user=`, each with
    /// patterns between commas; `#` begins a comment. A policy that has a single line that cannot be understood is none.
    ///
    /// - Throws: ``PolicyError`` with the line that is wrong.
    package init(parsing text: String) throws(PolicyError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw PolicyError("it has more than \(Self.maximumBytes) bytes")
        }
        self.init()
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let words = Self.words(of: line)
            guard let first = words.first else { continue }
            let place = Line(number: index + 1, text: words.joined(separator: " "))
            switch first {
            case "mode": try readMode(words.dropFirst(), place)
            case "allow": permissions.append(try Self.rule(words.dropFirst(), place))
            case "deny": denials.append(try Self.rule(words.dropFirst(), place))
            default:
                throw PolicyError(line: place.number, "'\(first)' is none of mode, allow and deny")
            }
        }
    }

    /// The words of a line before its comment, which begins with a `#` at the beginning of a word.
    private static func words(of line: Substring) -> [String] {
        let words = line.split(whereSeparator: \.isWhitespace)
        return words.prefix { !$0.hasPrefix("#") }.map(String.init)
    }

    private mutating func readMode(_ words: ArraySlice<String>, _ place: Line) throws(PolicyError) {
        guard words.count == 1, words.first == "read-only" else {
            throw PolicyError(line: place.number, "there is one mode: mode read-only")
        }
        guard readOnly == nil else { throw PolicyError(line: place.number, "the mode is given twice") }
        readOnly = place
    }

    private static func rule(_ words: ArraySlice<String>, _ place: Line) throws(PolicyError) -> Rule {
        var rule = Rule(line: place)
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                throw PolicyError(line: place.number, "'\(word)' is no condition, such as operation=ping")
            }
            let patterns = try patterns(parts[1], place)
            let isNew: Bool
            switch parts[0] {
            case "operation": isNew = set(&rule.operations, patterns)
            case "submitter": isNew = set(&rule.submitters, patterns)
            case "user": isNew = set(&rule.users, patterns)
            default:
                let known = "operation, submitter and user"
                throw PolicyError(line: place.number, "'\(parts[0])' is none of \(known)")
            }
            guard isNew else { throw PolicyError(line: place.number, "'\(parts[0])' is given twice") }
        }
        return rule
    }

    private static func set(_ place: inout [GlobPattern]?, _ patterns: [GlobPattern]) -> Bool {
        defer { place = patterns }
        return place == nil
    }

    private static func patterns(_ text: String, _ place: Line) throws(PolicyError) -> [GlobPattern] {
        var patterns: [GlobPattern] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty else { throw PolicyError(line: place.number, "a pattern is empty") }
            do {
                patterns.append(try GlobPattern(String(part), at: 0))
            } catch {
                throw PolicyError(line: place.number, "'\(part)': \(error.message)")
            }
        }
        return patterns
    }
}
