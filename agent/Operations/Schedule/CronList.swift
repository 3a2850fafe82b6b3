// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `cron.list`: what cron runs.
struct CronList: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let user: String?
        let limit: Int
    }

    let type = "cron.list"

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let (sources, ignored) = try CronFiles.sources()
        if sources.isEmpty { try CronFiles.need(in: context) }
        var entries: [JSONValue] = []
        for source in sources {
            let text = String(decoding: try HostFile.bytes(source.path, following: true) ?? [], as: UTF8.self)
            for entry in CronTable.entries(text, owner: source.owner)
            where parameters.user == nil || parameters.user == entry.user {
                entries.append([
                    "path": .string(source.path), "line": .int(Int64(entry.line)), "user": .string(entry.user),
                    "schedule": .string(entry.schedule), "command": .string(entry.command),
                ])
            }
        }
        return [
            "entries": .array(Array(entries.prefix(parameters.limit))), "total": .int(Int64(entries.count)),
            "truncated": .bool(entries.count > parameters.limit),
            "ignored": .array(ignored.prefix(1000).map(JSONValue.string)),
        ]
    }
}
