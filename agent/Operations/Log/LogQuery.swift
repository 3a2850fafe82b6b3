// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `log.query`: the last lines of a log.
struct LogQuery: ReadOperation {
    let type = "log.query"

    struct Parameters: Decodable, Sendable {
        let path: String?
        let lines: Int
        let pattern: String?
        let unit: String?
        let since: String?
        let until: String?
        let priority: String?
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        guard let path = parameters.path else { return try await Self.journal(parameters, in: context) }
        return try await BlockingWork.run { work throws(OperationError) in
            let pattern = try Self.pattern(parameters.pattern)
            let tail = try FileTail(path, lines: parameters.lines, matching: pattern, work)
            return [
                "source": .string(path), "entries": .array(tail.lines.map { ["message": .string($0)] }),
                "truncated": .bool(tail.isCut),
            ]
        }
    }

    private static func pattern(_ text: String?) throws(OperationError) -> LinePattern? {
        guard let text else { return nil }
        do throws(LinePattern.Failure) {
            return try LinePattern(text)
        } catch {
            throw OperationError("invalid_parameters", "/pattern: \(error.description)")
        }
    }

    // MARK: The journal

    private static func journal(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let places = ["/var/log/journal", "/run/log/journal"]
        guard places.contains(where: { !HostListing.names(in: $0, limit: 1).isEmpty }) else {
            throw OperationError.notApplicable("this host keeps no journal; name a file by path")
        }
        let command = arguments(parameters, now: context.now())
        // It ends with 1 where a pattern fits nothing.
        let answer = try await context.tool(command, ok: [0, 1])
        guard answer.exitCode == 0 || answer.output.isEmpty && answer.errors.isEmpty else {
            throw OperationError("tool_failed", "journalctl ended with exit code 1: \(answer.complaint)")
        }
        var entries = answer.lines.compactMap(JournalEntry.told)
        let isFull = entries.count > parameters.lines
        entries = entries.suffix(parameters.lines)
        let kept = bounded(entries)
        return [
            "source": "journal", "entries": .array(kept), "truncated": .bool(isFull || kept.count < entries.count),
        ]
    }

    /// The command that asks for one line more than is wanted, to tell whether there are more.
    static func arguments(_ parameters: Parameters, now: Timestamp) -> [String] {
        var arguments = [
            "journalctl", "--no-pager", "--quiet", "--output=json", "--lines=\(parameters.lines + 1)",
            "--output-fields=" + JournalEntry.fields.joined(separator: ","),
        ]
        if let unit = parameters.unit { arguments.append("--unit=\(unit)") }
        if let since = parameters.since { arguments.append("--since=\(time(since, now))") }
        if let until = parameters.until { arguments.append("--until=\(time(until, now))") }
        if let priority = parameters.priority { arguments.append("--priority=\(priority)") }
        if let pattern = parameters.pattern { arguments += ["--grep=\(pattern)", "--case-sensitive=true"] }
        return arguments
    }

    /// A time as journalctl takes it: in whole seconds since 1970.
    private static func time(_ text: String, _ now: Timestamp) -> String {
        let time = Timestamp(text) ?? Duration(humanText: text).map { now + (.zero - $0) } ?? now
        return "@\(time.milliseconds / 1000)"
    }

    /// The last entries whose messages together are not too long.
    private static func bounded(_ entries: [JSONValue]) -> [JSONValue] {
        var told = 0
        let kept = entries.reversed().prefix { entry in
            told += (entry["message"]?.string?.utf8.count ?? 0) + 100
            return told <= FileTail.toldLimit
        }
        return kept.reversed()
    }
}
