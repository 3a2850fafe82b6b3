// SPDX-License-Identifier: Apache-2.0

import Jobs

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
