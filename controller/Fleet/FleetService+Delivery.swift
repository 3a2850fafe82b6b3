// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Logging
import NNG
import Store
import Synchronization
import Wire

extension FleetService {
    private typealias Taken = SessionTable<ReplyAddress>.Taken

    /// Answers the parked polls of those of `agents` for which there is work.
    ///
    /// - Parameters:
    ///   - agents: whose polls are looked at.
    ///   - offers: work that need not be looked up, for those of them that hold all that comes before it.
    /// - Throws: `NNGError` once the socket is closed.
    func wake(_ agents: some Collection<AgentID>, _ offers: [OfferedJob] = []) async throws {
        let now = ContinuousClock.now
        let taken = table.withLock { table in
            table.takeForWork(agents, now: now) { directory.lastDelivery(of: $0) }
        }
        directory.setParked(taken.lazy.map(\.agent), false)
        var rest = try await send(offers, to: taken)[...]
        while !rest.isEmpty {
            try await deliver(Array(rest.prefix(configuration.agentsPerTransaction)))
            rest = rest.dropFirst(configuration.agentsPerTransaction)
        }
    }

    /// Sends what is offered to those for whom it is the next: a part of them at a time, so that the first ones work while
    /// the work of the others is sealed.
    ///
    /// - Returns: the polls of the others.
    private func send(_ offers: [OfferedJob], to polls: [Taken]) async throws -> [Taken] {
        guard !offers.isEmpty else { return polls }
        let next = NextWork(offers)
        var (others, rest): ([Taken], ArraySlice<Taken>) = ([], polls[...])
        while !rest.isEmpty {
            others += try await send(next, to: rest.prefix(Self.answersAtOnce))
            rest = rest.dropFirst(Self.answersAtOnce)
        }
        return others
    }

    private static let answersAtOnce = 100

    /// Sends what comes next to those for whom it is the next.
    ///
    /// - Returns: the polls of the others.
    private func send(_ next: NextWork, to polls: ArraySlice<Taken>) async throws -> [Taken] {
        let now = wallClock()
        var deliveries: [AgentID: [Delivery]] = [:]
        for poll in polls {
            let some = next.deliveries(to: poll.agent, after: poll.held, now: now)
            if !some.isEmpty { deliveries[poll.agent] = Array(some.prefix(configuration.deliveriesPerAnswer)) }
        }
        let sealed: [AgentID: [SealedDelivery]]
        do {
            sealed = try await sealer.seal(deliveries, amongSets: next.sets)
        } catch is StoreError {
            // The look-up asks the store again, and tells the agents if it still cannot be read.
            return Array(polls)
        }
        let others = try await hand(sealed, to: polls)
        jobs.latency.sent(Self.jobs(in: deliveries))
        return others
    }

    /// The jobs of which there are runs among these deliveries.
    private static func jobs(in deliveries: [AgentID: [Delivery]]) -> Set<JobID> {
        var jobs: Set<JobID> = []
        var last: JobID?
        for delivery in deliveries.values.joined() {
            // Mostly all are of one job.
            guard let id = delivery.assignment?.jobID, id != last else { continue }
            jobs.insert(id)
            last = id
        }
        return jobs
    }

    /// Looks up the work of some agents in one transaction and sends it; where there is none, the poll is parked again.
    private func deliver(_ polls: [Taken]) async throws {
        // Read before the store is asked: what is committed later raises the signal again.
        let known = Dictionary(uniqueKeysWithValues: polls.map { ($0.agent, directory.lastDelivery(of: $0.agent)) })
        let deliveries: [AgentID: [Delivery]]
        let offers: [AgentID: [SealedDelivery]]
        do {
            deliveries = try await store.offers(
                for: polls.map { OfferRequest(agentID: $0.agent, held: $0.held) },
                limit: configuration.deliveriesPerAnswer,
                now: wallClock()
            )
            offers = try await sealer.seal(deliveries)
        } catch let error as StoreError {
            counters.count(.notStored, by: polls.count)
            logger.error("work could not be offered", metadata: ["error": "\(error)"])
            return try await answer(polls.map { ($0.address, unavailable) })
        }
        let emptyHanded = try await hand(offers, to: polls)
        jobs.latency.sent(Self.jobs(in: deliveries))
        // Before they are parked: whoever takes one then says that it is not.
        directory.setParked(emptyHanded.lazy.map(\.agent), true)
        table.withLock { table in
            for poll in emptyHanded { table.parkAgain(poll, settled: max(known[poll.agent] ?? 0, poll.held)) }
        }
        // Work may have been committed between the look-up and the parking.
        let late = emptyHanded.map(\.agent).filter { directory.lastDelivery(of: $0) > known[$0] ?? 0 }
        if !late.isEmpty { signal.raise(for: late) }
        try await sendOutputRequests(to: emptyHanded.map(\.agent))
    }

    /// Answers with their work the polls of those who have some.
    ///
    /// - Returns: the polls of the others.
    private func hand(_ offers: [AgentID: [SealedDelivery]], to polls: some Sequence<Taken>) async throws -> [Taken] {
        var answers: [(ReplyAddress, ControllerMessage)] = []
        var others: [Taken] = []
        for poll in polls {
            if let deliveries = offers[poll.agent], !deliveries.isEmpty {
                answers.append((poll.address, work(fitting(deliveries), for: poll)))
            } else {
                others.append(poll)
            }
        }
        try await answer(answers)
        return others
    }

    var unavailable: ControllerMessage {
        .refusal(
            code: "unavailable",
            message: "the controller cannot store anything now",
            retryAfter: configuration.retryAfter
        )
    }

    /// As many of the first deliveries as fit one message; the next poll asks for the rest.
    private func fitting(_ deliveries: [SealedDelivery]) -> [SealedDelivery] {
        var bytes = 0
        let fitting = deliveries.prefix { delivery in
            bytes += delivery.approximateBytes
            return bytes <= configuration.answerBytes
        }
        return fitting.isEmpty ? Array(deliveries.prefix(1)) : Array(fitting)
    }
}
