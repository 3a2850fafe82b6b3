// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Which plug-ins the agents have told of, and how many have each.
///
/// Hosts of one kind mostly have the same, so that there are few different sets however many agents there are. Where agents
/// describe an operation of one name differently, the one with most secrets counts here, and of those the one that most of
/// them give; each agent goes by its own.
struct PluginCensus {
    private var sets: [JSONValue: Int] = [:]
    private var known: OperationCatalogue? = .builtIn

    /// Counts an agent's plug-ins in the place of what was known of it.
    mutating func replace(_ old: Agent?, by new: Agent?) {
        let before = old?.facts[OperationDescriptor.pluginsFact]
        let after = new?.facts[OperationDescriptor.pluginsFact]
        guard before != after else { return }
        if let before, let count = sets[before] { sets[before] = count > 1 ? count - 1 : nil }
        if let after { sets[after, default: 0] += 1 }
        known = nil
    }

    /// The operations that every agent has, and those of the plug-ins.
    mutating func catalogue() -> OperationCatalogue {
        if let known { return known }
        var counts: [String: [OperationDescriptor: Int]] = [:]
        for (set, count) in sets {
            // An agent has one vote on each operation, however often it names that.
            var told: Set<String> = []
            for json in (set.array ?? []).prefix(OperationDescriptor.maximumPlugins) {
                guard let plugin = try? OperationDescriptor(plugin: json), told.insert(plugin.type).inserted else {
                    continue
                }
                counts[plugin.type, default: [:]][plugin, default: 0] += count
            }
        }
        let plugins = counts.values.compactMap { candidates in
            candidates.max { Self.rank($0) < Self.rank($1) }?.key
        }
        let catalogue = OperationCatalogue.builtIn.adding(plugins: plugins)
        known = catalogue
        return catalogue
    }

    /// What decides between descriptions of one operation: most secrets first, so that no agent can have a value be sent
    /// open that another seals; then how many agents give it, then its text.
    private static func rank(_ candidate: (key: OperationDescriptor, value: Int)) -> (Int, Int, String) {
        (secrets(in: candidate.key.schema), candidate.value, "\(candidate.key)")
    }

    private static func secrets(in schema: JSONValue) -> Int {
        switch schema {
        case .object(let members):
            members.values.reduce(schema["secret"] == true ? 1 : 0) { $0 + secrets(in: $1) }
        case .array(let elements): elements.reduce(0) { $0 + secrets(in: $1) }
        case .null, .bool, .int, .double, .string: 0
        }
    }
}
