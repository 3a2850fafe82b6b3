// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Which plug-ins the agents have told of, and how many have each.
///
/// Hosts of one kind mostly have the same, so that there are few different sets however many agents there are. Where agents
/// describe an operation of one name differently, the description that most of them give counts here; each agent goes by
/// its own.
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
            for json in (set.array ?? []).prefix(OperationDescriptor.maximumPlugins) {
                guard let plugin = try? OperationDescriptor(plugin: json) else { continue }
                counts[plugin.type, default: [:]][plugin, default: 0] += count
            }
        }
        let plugins = counts.values.compactMap { candidates in
            candidates.max { ($0.value, "\($0.key)") < ($1.value, "\($1.key)") }?.key
        }
        let catalogue = OperationCatalogue.builtIn.adding(plugins: plugins)
        known = catalogue
        return catalogue
    }
}
