// SPDX-License-Identifier: Apache-2.0

package import Jobs

// Single records of the fleet, for people.

extension Agent {
    /// All that is known of the agent.
    package var details: Details {
        var details = Details()
        details.add("host", hostname)
        details.add("id", id.text)
        details.add("connected", yesOrNo(connected), connected ? .good : .bad)
        if let drain {
            let words = [drain.by.map { "by \($0)" }, drain.reason].compactMap(\.self).joined(separator: ": ")
            details.add("drained", "since \(drain.since.brief) \(words)", .notice)
        }
        details.add("version", version)
        details.add("first seen", firstSeenAt.brief)
        details.add("last seen", lastSeenAt.brief)
        details.add("certificate until", certificateExpiresAt?.brief)
        for (name, value) in labels.sorted(by: { $0.key < $1.key }) { details.add("label \(name)", value) }
        for (name, value) in facts.sorted(by: { $0.key < $1.key }) {
            for member in NamedValue.all(in: value, under: name) { details.add(member.name, member.value.brief) }
        }
        return details
    }
}

extension OperationDescriptor {
    /// The operation and its parameters.
    package func report(_ presenter: Presenter) -> String {
        var details = Details()
        details.add("operation", type)
        details.add("kind", kind.rawValue)
        details.add("summary", summary)
        let parameters = schema["properties"]?.object ?? [:]
        guard !parameters.isEmpty else { return details.text(colours: presenter.colours) + "no parameters\n" }
        let required = Set(schema["required"]?.array?.compactMap(\.string) ?? [])
        var table = Table([.text("parameter"), .text("type"), .text("required"), .text("default"), .text("meaning")])
        for (name, rules) in parameters.sorted(by: { $0.key < $1.key }) {
            table.add([
                Table.Cell(name), Table.Cell(Self.words(for: rules["type"])),
                Table.Cell(yesOrNo(required.contains(name))), Table.Cell(rules["default"]?.brief),
                Table.Cell(rules["description"]?.string ?? rules["title"]?.string),
            ])
        }
        return details.text(colours: presenter.colours) + "\n" + presenter.text(table)
    }

    private static func words(for type: JSONValue?) -> String {
        type?.array?.map(\.brief).joined(separator: " or ") ?? type?.brief ?? "any"
    }
}

/// A member of a JSON object under a dotted name, for forms that know no objects in objects.
package struct NamedValue: Encodable, Hashable, Sendable {
    /// The name: `jobs.failed`.
    package let name: String
    /// The value, which is no object unless it is an empty one.
    package let value: JSONValue

    /// All members of an object and of the objects in it, by name.
    package static func all(in value: JSONValue, under prefix: String = "") -> [NamedValue] {
        guard case .object(let members) = value, !members.isEmpty else {
            return [NamedValue(name: prefix, value: value)]
        }
        return members.sorted { $0.key < $1.key }.flatMap { key, member in
            all(in: member, under: prefix.isEmpty ? key : "\(prefix).\(key)")
        }
    }
}

extension RecordView where Record == NamedValue {
    /// Names and values: a line each.
    package static let namedValues = RecordView([.text("name") { $0.name }, .text("value") { $0.value.brief }])
}

extension RecordView where Record == JSONValue {
    /// Any value as JSON in one line.
    package static let jsonValues = RecordView([.text("value") { $0.brief }])
}
