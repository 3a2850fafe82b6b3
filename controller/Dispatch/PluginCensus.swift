// SPDX-License-Identifier: Apache-2.0

import Jobs

/// How much of the plug-ins of all agents together is used.
package struct PluginLimits: Hashable, Sendable {
    /// Operations.
    package let operations: Int
    /// Bytes of their descriptions.
    package let bytes: Int

    /// Makes limits.
    package init(operations: Int = 1000, bytes: Int = 8 * 1024 * 1024) {
        self.operations = operations
        self.bytes = bytes
    }
}

/// Which plug-ins the agents have told of, and how many have each.
///
/// Hosts of one kind mostly have the same, so that there are few different sets however many agents there are. Where agents
/// describe an operation of one name differently, the one with most secrets counts here, and of those the one that most of
/// them give; each agent goes by its own, and so a run may take as long as the one that allows most.
///
/// Of all that agents tell, so much is used as the controller has room for: what most agents have comes first, so that no
/// few of them can put out what others use, in whatever order they come.
struct PluginCensus {
    /// What is used of all that was told.
    struct Choice: Sendable {
        /// Rises with each change of what agents tell.
        let version: UInt64
        /// The operations of plug-ins.
        let plugins: [OperationDescriptor]
        /// The names of those for which there is no room.
        let leftOut: Set<String>
    }

    private struct Told {
        let offer: PluginOffer
        var agents: Int
    }

    private let limits: PluginLimits
    private var sets: [JSONValue: Told] = [:]
    private var candidates: [String: [PluginOffer.Plugin: Int]] = [:]
    /// Of all candidates.
    private var bytes = 0
    private var version: UInt64 = 0
    private var known: Choice?

    init(limits: PluginLimits) {
        self.limits = limits
    }

    /// What was read of a set that agents tell of already.
    func offer(_ fact: JSONValue) -> PluginOffer? { sets[fact]?.offer }

    /// Counts what an agent tells in the place of what it told before.
    ///
    /// - Parameters:
    ///   - before: the fact in which it told of its plug-ins; nil where there was none.
    ///   - after: the fact in which it does now.
    ///   - offer: what was read of `after`.
    /// - Returns: what of it is not used, where it is another one than before.
    mutating func replace(_ before: JSONValue?, by after: JSONValue?, _ offer: PluginOffer?) -> [PluginRefusal] {
        guard before != after else { return [] }
        version += 1
        known = nil
        if let before, let told = sets[before] {
            sets[before]?.agents -= 1
            if told.agents == 1 { sets[before] = nil }
            for plugin in told.offer.plugins { count(plugin, by: -1) }
        }
        guard let after, let offer else { return [] }
        sets[after, default: Told(offer: offer, agents: 0)].agents += 1
        for plugin in offer.plugins { count(plugin, by: 1) }
        return offer.refusals + beyondLimits(offer)
    }

    private mutating func count(_ plugin: PluginOffer.Plugin, by step: Int) {
        let type = plugin.descriptor.type
        let count = candidates[type]?[plugin] ?? 0
        if count == 0 { bytes += plugin.bytes }
        if count + step == 0 { bytes -= plugin.bytes }
        candidates[type, default: [:]][plugin] = count + step > 0 ? count + step : nil
        if candidates[type]?.isEmpty == true { candidates[type] = nil }
    }

    private mutating func beyondLimits(_ offer: PluginOffer) -> [PluginRefusal] {
        // Mostly there is room for all, and nothing has to be chosen to know it.
        guard candidates.count > limits.operations || bytes > limits.bytes else { return [] }
        let leftOut = choice().leftOut
        return offer.plugins.map(\.descriptor.type).filter(leftOut.contains).map { PluginRefusal($0, noRoom) }
    }

    /// Why an operation that agents tell of is none of the fleet's.
    var noRoom: String {
        "agents tell of more plug-ins than the \(limits.operations) operations and \(limits.bytes) bytes that are used"
    }

    /// What is used; worked out once after each change.
    mutating func choice() -> Choice {
        if let known { return known }
        let ranked = candidates.compactMap { type, candidates in Self.best(type, of: candidates) }
            .sorted { ($1.agents, $0.plugin.type) < ($0.agents, $1.plugin.type) }
        var plugins: [OperationDescriptor] = []
        var leftOut: Set<String> = []
        var room = limits.bytes
        for item in ranked {
            if plugins.count < limits.operations, item.bytes <= room {
                room -= item.bytes
                plugins.append(item.plugin)
            } else {
                leftOut.insert(item.plugin.type)
            }
        }
        let choice = Choice(version: version, plugins: plugins, leftOut: leftOut)
        known = choice
        return choice
    }

    /// The description that counts for an operation, with the time of the one that allows most; how many agents have the
    /// operation.
    private static func best(
        _ type: String,
        of candidates: [PluginOffer.Plugin: Int]
    ) -> (plugin: OperationDescriptor, bytes: Int, agents: Int)? {
        guard let best = candidates.max(by: { isLess($0, $1) })?.key else { return nil }
        let limit = candidates.keys.map(\.descriptor.limitMs).max() ?? 0
        return (best.descriptor.allowing(milliseconds: limit), best.bytes, candidates.values.reduce(0, +))
    }

    /// What decides between descriptions of one operation: most secrets first, so that no agent can have a value be sent
    /// open that another seals; then how many agents give it, then its text.
    private static func isLess(
        _ one: (key: PluginOffer.Plugin, value: Int),
        _ other: (key: PluginOffer.Plugin, value: Int)
    ) -> Bool {
        let ranks = ((one.key.secrets, one.value), (other.key.secrets, other.value))
        guard ranks.0 == ranks.1 else { return ranks.0 < ranks.1 }
        return "\(one.key.descriptor)" < "\(other.key.descriptor)"
    }
}
