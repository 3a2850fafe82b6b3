// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `host.timezone.set`: the time zone of the host.
struct TimezoneSet: ModifyOperation {
    let type = "host.timezone.set"

    struct Parameters: Decodable, Sendable {
        let timezone: String
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let zone = parameters.timezone
        guard access(TimezoneFiles.zones, F_OK) == 0 else {
            throw OperationError.notApplicable(
                "this host has no time zones in '\(TimezoneFiles.zones)'; install tzdata"
            )
        }
        guard TimezoneFiles.hasZone(zone) else {
            throw OperationError("not_found", "there is no time zone '\(zone)' in '\(TimezoneFiles.zones)'")
        }
        var changes: [Plan.Change] = []
        let isRenamed = TimezoneFiles.wantsName && TimezoneFiles.named != zone
        let file = FileReplacement(TimezoneFiles.name, text: zone + "\n")
        if isRenamed, let change = try file.change() { changes.append(change) }
        let isLinked = TimezoneFiles.linked == zone
        if !isLinked {
            let before = TimezoneFiles.linked.map(JSONValue.string) ?? .null
            changes.append(Plan.Change(TimezoneFiles.link, from: before, to: .string(zone)))
        }
        return Plan(changes, data: ["timezone": .string(zone)]) {
            let undo = isRenamed ? [try FileUndo(file.path)] : []
            try await context.undoing(undo) {
                if isRenamed { try await file.write(in: context) }
                if !isLinked { try HostLink.put(TimezoneFiles.link, to: "\(TimezoneFiles.zones)/\(zone)") }
            }
            return [:]
        }
    }
}
