// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `service.list`: the units of the host.
struct ServiceList: ReadOperation {
    struct Parameters: Decodable, Sendable {
        let pattern: String
        let kind: String
        let active: String?
        let limit: Int
    }

    let type = "service.list"

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let systemd = try Systemd(context, running: true)
        let pattern: GlobPattern
        do {
            pattern = try GlobPattern(parameters.pattern, at: 0)
        } catch {
            throw OperationError("invalid_parameters", "pattern: \(error)")
        }
        let form =
            ["--plain", "--no-legend", "--full"] + (parameters.kind == "all" ? [] : ["--type", parameters.kind])
        let units = try await systemd.control(["list-units", "--all"] + form).lines
        let files = try await systemd.control(["list-unit-files"] + form).lines
        let listed = Self.units(units, files: files)
            .filter { pattern.matches($0.name) && (parameters.active == nil || parameters.active == $0.active) }
        return [
            "total": .int(Int64(listed.count)), "truncated": .bool(listed.count > parameters.limit),
            "units": .array(listed.prefix(parameters.limit).map(\.told)),
        ]
    }

    /// A line of the list.
    struct Unit: Hashable, Sendable {
        let name: String
        var load = "", active = "inactive", sub = "dead", enabled = "", description = ""

        var told: JSONValue {
            [
                "unit": .string(name), "load_state": .string(load), "active_state": .string(active),
                "sub_state": .string(sub), "enabled": .string(enabled), "description": .string(description),
            ]
        }
    }

    /// The units that systemd has loaded, and those that it only has a file of.
    ///
    /// - Parameters:
    ///   - units: lines `UNIT LOAD ACTIVE SUB DESCRIPTION`.
    ///   - files: lines `UNIT STATE PRESET`.
    /// - Returns: the units by name, without those that are only named by others.
    static func units(_ units: [Substring], files: [Substring]) -> [Unit] {
        var all: [String: Unit] = [:]
        for line in units {
            let words = line.drop { $0 == " " || $0 == "●" || $0 == "○" }.split(separator: " ", maxSplits: 4)
            guard words.count >= 4, words[1] != "not-found" else { continue }
            let description = words.count > 4 ? String(words[4].drop { $0 == " " }) : ""
            let name = String(words[0])
            all[name] = Unit(
                name: name,
                load: String(words[1]),
                active: String(words[2]),
                sub: String(words[3]),
                description: description
            )
        }
        for line in files {
            let words = line.split(separator: " ")
            // A template, `getty@.service`, is no unit yet.
            guard words.count >= 2, !words[0].contains("@.") else { continue }
            all[String(words[0]), default: Unit(name: String(words[0]))].enabled = String(words[1])
        }
        return all.values.sorted { $0.name < $1.name }
    }
}
