// SPDX-License-Identifier: Apache-2.0

/// A command with the commands below it, to find out which one was meant before its options are read.
///
/// The parser of options takes a word that is no command for an argument, and complains of something else.
package struct CommandTree: Sendable {
    private let name: String
    /// By what it goes besides.
    private let aliases: [String]
    private let children: [CommandTree]

    /// Makes a tree of a command's name, its other names, and the commands below it.
    package init(_ name: String, aliases: [String] = [], _ children: [CommandTree] = []) {
        self.name = name
        self.aliases = aliases
        self.children = children
    }

    /// The command that the first words name, in full: `broker jobs list`.
    ///
    /// - Parameter arguments: the arguments of the program; `help` may come before the words.
    /// - Returns: the name of the program and the words that name the command, without options and arguments.
    /// - Throws: ``UsageError`` for a word that is no command where one should be.
    package func command(in arguments: [String]) throws(UsageError) -> String {
        var command = self
        var path = [name]
        for word in arguments.first == "help" ? arguments.dropFirst() : arguments[...] {
            guard !command.children.isEmpty, !word.hasPrefix("-") else { break }
            guard let child = command.child(called: word) else { throw command.unknown(word, below: path) }
            command = child
            path.append(child.name)
        }
        return path.joined(separator: " ")
    }

    /// The arguments with the options that stand before the words of a command put behind them, where its own are.
    ///
    /// So `broker --url URL jobs -o json list` is `broker jobs list --url URL -o json`.
    ///
    /// - Parameters:
    ///   - arguments: the arguments of the program.
    ///   - common: the options, each with a value, that all commands have.
    /// - Returns: the same words, in an order that the parser of options takes; unchanged where any other option comes
    ///   first, or where the words name no command to its end: that is for others to report.
    package func withOptionsBehind(_ arguments: [String], common: Set<String>) -> [String] {
        var command = self
        var words: [String] = []
        var options: [String] = []
        var rest = arguments[...]
        while !command.children.isEmpty {
            guard let word = rest.first else { return arguments }
            if let child = command.child(called: word) {
                command = child
                words.append(word)
                rest = rest.dropFirst()
                continue
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, common.contains(String(name)) else { return arguments }
            let count = parts.count == 2 ? 1 : 2
            guard rest.count > count else { return arguments }
            options += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        return words + options + rest
    }

    private func child(called word: String) -> CommandTree? {
        children.first { $0.name == word || $0.aliases.contains(word) }
    }

    private func unknown(_ word: String, below path: [String]) -> UsageError {
        // As it is typed, the name of the program is understood.
        func inFull(_ last: String) -> String { (path.dropFirst() + [last]).joined(separator: " ") }
        let shown = SafeText.line.made(of: inFull(word))
        guard let near = nearest(to: word, among: children.flatMap { [$0.name] + $0.aliases }) else {
            return UsageError("there is no command '\(shown)'; \(path.joined(separator: " ")) --help lists them")
        }
        return UsageError("there is no command '\(shown)'; did you mean '\(inFull(near))'?")
    }
}

/// The word that was probably meant: the one that begins alike, or is at most two slips of the finger away.
func nearest(to word: String, among words: [String]) -> String? {
    guard word.count <= 100 else { return nil }
    let longer = words.filter { word.count > 1 && $0.hasPrefix(word) }
    if longer.count == 1 { return longer[0] }
    // Of a short word, two slips leave nothing.
    let allowed = word.count > 3 ? 2 : 1
    return words.map { (word: $0, slips: slips(from: word, to: $0)) }
        .filter { $0.slips <= allowed }
        .min { $0.slips < $1.slips }?.word
}

/// How many slips of the finger lie between two words: a character more, less, other, or two in the wrong order.
private func slips(from typed: String, to meant: String) -> Int {
    let typed = Array(typed)
    let meant = Array(meant)
    // The rows of the table of Damerau and Levenshtein: slips between the first characters of both.
    var rows = [Array(0...meant.count)]
    for (row, character) in typed.enumerated() {
        var counts = [row + 1]
        for (column, other) in meant.enumerated() {
            var least = min(rows[row][column + 1] + 1, counts[column] + 1)
            least = min(least, rows[row][column] + (character == other ? 0 : 1))
            if row > 0, column > 0, character == meant[column - 1], typed[row - 1] == other {
                least = min(least, rows[row - 1][column - 1] + 1)
            }
            counts.append(least)
        }
        rows.append(counts)
    }
    return rows[typed.count][meant.count]
}
