// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Store
import Synchronization

/// Every agent that is known, with what targets need to see of it, in memory.
///
/// The store is the truth of what agents told; this is its reflection, changed only after a commit, plus what no store
/// can know: who is connected now and when each was last heard of. Safe to use from any thread.
package final class AgentDirectory: Sendable {
    private struct Entry {
        var agent: Agent
        var lastDelivery: UInt64
        /// When the agent was last heard of by the monotonic clock; the start of the controller before that.
        var heardAt: ContinuousClock.Instant
        /// Whether its poll waits to be answered.
        var isParked = false
        /// Whether the runs of this silence have been ended already.
        var isGivenUp = false
        /// Until when its silence is no surprise, since its host starts again; nil where it is one.
        var awaitedUntil: ContinuousClock.Instant?
    }

    private struct Contents {
        var entries: [AgentID: Entry] = [:]
        var byHostname: [String: AgentID] = [:]
        /// By hostnames in lower case; mostly one has each.
        var byFoldedName: [String: Set<AgentID>] = [:]
        var connected = 0

        mutating func setName(_ hostname: String, of id: AgentID) {
            byHostname[hostname] = id
            byFoldedName[hostname.lowercased(), default: []].insert(id)
        }

        /// Takes in an introduction.
        ///
        /// - Returns: the agent as it was before.
        mutating func take(
            _ introduction: AgentIntroduction,
            at time: Timestamp,
            now: ContinuousClock.Instant
        ) -> Agent? {
            let old = entries[introduction.id]
            if let old, old.agent.hostname != introduction.hostname { removeName(old.agent.hostname, of: old.agent.id) }
            if let other = byHostname[introduction.hostname], other != introduction.id {
                if entries[other]?.agent.connected == true { connected -= 1 }
                entries[other] = nil
                removeName(introduction.hostname, of: other)
            }
            let agent = Agent(
                id: introduction.id,
                hostname: introduction.hostname,
                connected: old?.agent.connected ?? false,
                labels: introduction.labels,
                facts: introduction.facts,
                version: introduction.version,
                firstSeenAt: old?.agent.firstSeenAt ?? time,
                lastSeenAt: time,
                drain: old?.agent.drain,
                certificateExpiresAt: introduction.certificateExpiresAt
            )
            setName(introduction.hostname, of: introduction.id)
            entries[introduction.id] = Entry(agent: agent, lastDelivery: old?.lastDelivery ?? 0, heardAt: now)
            return old?.agent
        }

        mutating func removeName(_ hostname: String, of id: AgentID) {
            if byHostname[hostname] == id { byHostname[hostname] = nil }
            let folded = hostname.lowercased()
            byFoldedName[folded]?.remove(id)
            if byFoldedName[folded]?.isEmpty == true { byFoldedName[folded] = nil }
        }
    }

    /// Taken for moments alone: polls and reports go through it.
    private let contents = Mutex(Contents())
    /// Taken before `contents` by whatever changes who is known, so that both have the same order of changes.
    private let census: Mutex<PluginCensus>
    /// Taken before `census` by who asks for the catalogue, and for as long as it is being made; nobody else waits for that.
    private let made = Mutex((version: UInt64(0), catalogue: OperationCatalogue.builtIn))
    private let makeCatalogue: @Sendable ([OperationDescriptor]) -> OperationCatalogue

    /// Makes a directory of what the store knows; nobody is connected.
    ///
    /// - Parameters:
    ///   - stored: what the store knows.
    ///   - now: from when on silence is counted.
    package convenience init(_ stored: [StoredAgent], now: ContinuousClock.Instant) {
        self.init(stored, now: now, plugins: PluginLimits()) { OperationCatalogue.builtIn.adding(plugins: $0) }
    }

    /// Makes a directory.
    ///
    /// - Parameters:
    ///   - stored: what the store knows.
    ///   - now: from when on silence is counted.
    ///   - plugins: how much of what agents tell of their plug-ins is used.
    ///   - makeCatalogue: makes the catalogue with the plug-ins that are used.
    init(
        _ stored: [StoredAgent],
        now: ContinuousClock.Instant,
        plugins: PluginLimits,
        makeCatalogue: @escaping @Sendable ([OperationDescriptor]) -> OperationCatalogue
    ) {
        self.makeCatalogue = makeCatalogue
        var census = PluginCensus(limits: plugins)
        for item in stored {
            guard let told = item.agent.plugins else { continue }
            _ = census.replace(nil, by: told, census.offer(told) ?? PluginOffer(told))
        }
        self.census = Mutex(census)
        contents.withLock { contents in
            for item in stored {
                contents.setName(item.agent.hostname, of: item.agent.id)
                contents.entries[item.agent.id] = Entry(
                    agent: item.agent,
                    lastDelivery: item.lastDelivery,
                    heardAt: now
                )
            }
        }
    }

    // MARK: Reading

    /// The operations that every agent has, and those of plug-ins that agents have told of.
    package var catalogue: OperationCatalogue {
        made.withLock { made in
            let choice = census.withLock { $0.choice() }
            if choice.version != made.version { made = (choice.version, makeCatalogue(choice.plugins)) }
            return made.catalogue
        }
    }

    /// Why an operation that agents tell of is not in the catalogue; nil for one that is, and for one that none tells of.
    package func leftOut(_ type: String) -> PluginRefusal? {
        census.withLock { $0.choice().leftOut.contains(type) ? PluginRefusal(type, $0.noRoom) : nil }
    }

    /// How many operations that agents tell of are not in the catalogue, since there is no room for them.
    package var leftOutCount: Int { census.withLock { $0.choice().leftOut.count } }

    /// All agents by hostname.
    package func agents() -> [Agent] {
        everyone().sorted { $0.hostname < $1.hostname }
    }

    /// All agents, in no order.
    package func everyone() -> [Agent] {
        contents.withLock { $0.entries.values.map(\.agent) }
    }

    /// The agents whose hosts have these names, which are given in lower case, however they are written.
    package func agents(folded names: [String]) -> [Agent] {
        contents.withLock { contents in
            names.flatMap { contents.byFoldedName[$0] ?? [] }.compactMap { contents.entries[$0]?.agent }
        }
    }

    /// The agent whose host has this name.
    package func agent(named hostname: String) -> Agent? {
        contents.withLock { contents in
            contents.byHostname[hostname].flatMap { contents.entries[$0]?.agent }
        }
    }

    /// The agent with this id.
    package func agent(_ id: AgentID) -> Agent? {
        contents.withLock { $0.entries[id]?.agent }
    }

    /// How many agents are known, and how many of them are connected.
    package var counts: (known: Int, connected: Int) {
        contents.withLock { ($0.entries.count, $0.connected) }
    }

    /// The highest delivery number given to an agent; zero for an unknown one.
    package func lastDelivery(of id: AgentID) -> UInt64 {
        contents.withLock { $0.entries[id]?.lastDelivery ?? 0 }
    }

    /// Those of some agents whose poll waits to be answered, so that work can be sent to them at once.
    package func parked(among ids: some Sequence<AgentID>) -> Set<AgentID> {
        contents.withLock { contents in
            Set(ids.filter { contents.entries[$0]?.isParked == true })
        }
    }

    /// The agents that are not connected and have been silent since before `limit`, each named once a silence; those that
    /// are awaited not before that is over.
    ///
    /// - Parameters:
    ///   - limit: since when.
    ///   - now: the time now.
    /// - Returns: the agents, by their ids.
    package func newlySilent(since limit: ContinuousClock.Instant, now: ContinuousClock.Instant = .now) -> [AgentID] {
        contents.withLock { contents in
            let silent = contents.entries.filter { _, entry in
                !entry.agent.connected && !entry.isGivenUp && entry.heardAt < limit
                    && entry.awaitedUntil.map { $0 <= now } ?? true
            }
            return silent.keys.sorted()
        }
    }

    /// Whether an agent is connected, or was heard of after `limit`; so that a short break of its link makes no difference.
    package func isPresent(_ id: AgentID, since limit: ContinuousClock.Instant) -> Bool {
        contents.withLock { contents in
            contents.entries[id].map { $0.agent.connected || $0.heardAt > limit } ?? false
        }
    }

    /// Notes that the runs of these agents' silence have been ended.
    package func gaveUp(_ agents: [AgentID]) {
        contents.withLock { contents in
            for id in agents { contents.entries[id]?.isGivenUp = true }
        }
    }

    /// Notes until when the silence of these agents is no surprise; they are not named as silent before that.
    package func awaitReturns(_ agents: [AgentID: ContinuousClock.Instant]) {
        contents.withLock { contents in
            for (id, until) in agents { contents.entries[id]?.awaitedUntil = until }
        }
    }

    // MARK: Changes

    /// Takes in a committed introduction; another agent of the same hostname is forgotten.
    ///
    /// - Returns: which of its plug-ins are not used, where it tells of others than before.
    @discardableResult
    package func introduced(
        _ introduction: AgentIntroduction,
        at time: Timestamp,
        now: ContinuousClock.Instant
    ) -> [PluginRefusal] {
        let told = introduction.facts[OperationDescriptor.pluginsFact]
        // Read while nobody waits for it; mostly another host has told of the same.
        let offer = told.map { told in census.withLock { $0.offer(told) } ?? PluginOffer(told) }
        return census.withLock { census in
            let (before, other) = contents.withLock { contents in
                let other = contents.entries[contents.byHostname[introduction.hostname] ?? introduction.id]?.agent
                let before = contents.take(introduction, at: time, now: now)
                return (before?.plugins, other?.id == introduction.id ? nil : other?.plugins)
            }
            _ = census.replace(other, by: nil, nil)
            return census.replace(before, by: told, offer)
        }
    }

    /// Notes that an agent holds, or no longer holds, a session.
    ///
    /// - Returns: whether that is news.
    package func setConnected(_ id: AgentID, _ connected: Bool) -> Bool {
        contents.withLock { contents in
            guard let entry = contents.entries[id], entry.agent.connected != connected else { return false }
            contents.entries[id]?.agent.connected = connected
            if !connected { contents.entries[id]?.isParked = false }
            contents.connected += connected ? 1 : -1
            return true
        }
    }

    /// Notes that polls of these agents wait to be answered, or no longer do.
    package func setParked(_ ids: some Sequence<AgentID>, _ parked: Bool) {
        contents.withLock { contents in
            for id in ids { contents.entries[id]?.isParked = parked }
        }
    }

    /// Forgets an agent that was revoked or replaced.
    package func forget(_ id: AgentID) {
        census.withLock { census in
            let agent = contents.withLock { contents -> Agent? in
                guard let entry = contents.entries.removeValue(forKey: id) else { return nil }
                if entry.agent.connected { contents.connected -= 1 }
                contents.removeName(entry.agent.hostname, of: id)
                return entry.agent
            }
            _ = census.replace(agent?.plugins, by: nil, nil)
        }
    }

    /// Notes a committed drain, or the end of one.
    package func setDrain(_ drain: AgentDrain?, of id: AgentID) {
        contents.withLock { $0.entries[id]?.agent.drain = drain }
    }

    /// Notes that an agent was heard of.
    package func heard(_ id: AgentID, at time: Timestamp, now: ContinuousClock.Instant) {
        contents.withLock { contents in
            contents.entries[id]?.agent.lastSeenAt = time
            contents.entries[id]?.heardAt = now
            contents.entries[id]?.isGivenUp = false
            contents.entries[id]?.awaitedUntil = nil
        }
    }

    /// Notes the delivery numbers of a committed job.
    package func delivering(_ deliveries: [AgentID: UInt64]) {
        contents.withLock { contents in
            for (id, number) in deliveries {
                guard let last = contents.entries[id]?.lastDelivery, last < number else { continue }
                contents.entries[id]?.lastDelivery = number
            }
        }
    }

    /// When each agent in `ids` was last heard of, for the store.
    package func lastSeen(of ids: some Sequence<AgentID>) -> [(AgentID, Timestamp)] {
        contents.withLock { contents in
            ids.compactMap { id in contents.entries[id].map { (id, $0.agent.lastSeenAt) } }
        }
    }
}

extension Agent {
    /// The fact in which it tells of its plug-ins.
    fileprivate var plugins: JSONValue? { facts[OperationDescriptor.pluginsFact] }
}
