// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A table of cron: `/etc/crontab` and the files in `/etc/cron.d`, or, without users in it, that of a user.
enum CronTable {
    /// A line that has cron run something.
    struct Entry: Hashable, Sendable {
        let line: Int
        let user: String
        let schedule: String
        let command: String
    }

    /// The text of a file in `/etc/cron.d` with one entry.
    ///
    /// - Parameters:
    ///   - schedule: when.
    ///   - user: as whom.
    ///   - command: a line for the shell; cron would take a bare `%` for a line end.
    ///   - variables: what the command finds in its environment.
    /// - Returns: the text.
    static func text(schedule: String, user: String, command: String, variables: [String: String]) -> String {
        var text = "# Written by Broker (cron.ensure), which writes it anew when it differs.\n"
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            let quote = value.contains("\"") ? "'" : "\""
            text += "\(name)=\(quote)\(value)\(quote)\n"
        }
        return text + "\(CronSchedule.normal(schedule)) \(user) \(command.replacing("%", with: "\\%"))\n"
    }

    /// The entries of a table; variables, comments and what cron would not understand are passed over.
    ///
    /// - Parameters:
    ///   - text: the table.
    ///   - owner: whose it is; nil for a table with users in it.
    /// - Returns: the entries.
    static func entries(_ text: String, owner: String?) -> [Entry] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            let line = line.drop(while: isBlank)
            guard !line.hasPrefix("#") else { return nil }
            var rest = line
            let count = line.hasPrefix("@") ? 1 : 5
            var fields: [Substring] = []
            for _ in 0..<(owner == nil ? count + 1 : count) {
                let field = rest.prefix { !isBlank($0) }
                guard !field.isEmpty else { return nil }
                fields.append(field)
                rest = rest[field.endIndex...].drop(while: isBlank)
            }
            let schedule = fields.prefix(count).joined(separator: " ")
            guard CronSchedule.fault(in: schedule) == nil, !rest.isEmpty else { return nil }
            let user = owner ?? fields.last.map(String.init) ?? ""
            return Entry(line: index + 1, user: user, schedule: schedule, command: String(rest))
        }
    }

    private static func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
}
