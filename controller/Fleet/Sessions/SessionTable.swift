// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import NNG
package import Wire

/// The sessions of all agents and the pipes they come over.
///
/// Pure; its size is bounded by the number of agents.
package struct SessionTable<Address: Sendable>: Sendable {
    /// A parked poll that was taken to be answered.
    package struct Taken: Sendable {
        /// Whose it is.
        package let agent: AgentID
        /// Up to which delivery the agent holds.
        package let held: UInt64
        /// The poll.
        package let parked: ParkedPoll<Address>
        /// Within what time its polls are answered, as the agent was told last.
        package let heartbeat: Duration

        /// Where the answer goes.
        package var address: Address { parked.address }
    }

    private var sessions: [AgentID: SessionStateMachine<Address>] = [:]
    private var owners: [PipeID: AgentIdentity] = [:]

    /// An empty table.
    package init() {}

    /// How many pipes are open.
    package var pipeCount: Int { owners.count }

    /// How many polls are parked.
    package var parkedCount: Int { sessions.values.count { $0.isParked } }

    // MARK: Pipes

    /// Notes a pipe and to whom the transport says it belongs.
    package mutating func pipeAdded(_ pipe: PipeID, of agent: AgentIdentity) {
        owners[pipe] = agent
    }

    /// To whom a pipe belongs.
    package func owner(of pipe: PipeID) -> AgentIdentity? {
        owners[pipe]
    }

    /// To whom the connection belongs over which another process, of the same agent, holds its session; nil where none
    /// does.
    package func rival(of instance: String, _ agent: AgentID, on pipe: PipeID) -> AgentIdentity? {
        guard let session = sessions[agent], session.instance != instance, let other = session.pipe, other != pipe
        else {
            return nil
        }
        return owners[other]
    }

    /// Has the session of an agent show that its link lives, since another process of that agent has come.
    ///
    /// - Returns: its parked poll, which is to be answered now; nil where it has none.
    package mutating func challenge(_ agent: AgentID, now: ContinuousClock.Instant) -> Taken? {
        sessions[agent]?.challenge(now: now)
        return take(agent, now: now)
    }

    /// Forgets a pipe.
    ///
    /// - Returns: the agent that lost its connection by that; nil where it has another or never had a session.
    package mutating func pipeRemoved(_ pipe: PipeID) -> AgentID? {
        guard let agent = owners.removeValue(forKey: pipe)?.id, sessions[agent]?.pipe == pipe else { return nil }
        sessions[agent]?.disconnected()
        return agent
    }

    // MARK: Messages

    /// Begins a session, or renews it where the instance is the same.
    package mutating func greeted(
        _ agent: AgentID,
        instance: String,
        pipe: PipeID,
        heartbeat: Duration,
        now: ContinuousClock.Instant
    ) {
        if sessions[agent]?.instance == instance {
            sessions[agent]?.heard(on: pipe, now: now)
            sessions[agent]?.heartbeat = heartbeat
        } else {
            sessions[agent] = SessionStateMachine(instance: instance, pipe: pipe, heartbeat: heartbeat, now: now)
        }
    }

    /// Notes that an agent is told another heartbeat interval.
    package mutating func told(_ heartbeat: Duration, to agent: AgentID) {
        sessions[agent]?.heartbeat = heartbeat
    }

    /// Takes in a poll, which is to be parked where it is accepted and stored.
    package mutating func polled(
        _ agent: AgentID,
        _ poll: Poll,
        pipe: PipeID,
        now: ContinuousClock.Instant
    ) -> SessionStateMachine<Address>.PollAction {
        sessions[agent]?.polled(poll, pipe: pipe, now: now) ?? .introduce
    }

    /// Parks a poll that was accepted and stored.
    package mutating func park(_ poll: ParkedPoll<Address>, of agent: AgentID) {
        sessions[agent]?.park(poll)
    }

    /// Notes that what an agent's poll told could not be stored.
    package mutating func notStored(_ agent: AgentID) {
        sessions[agent]?.notStored()
    }

    /// Ends the session of an agent whose record was replaced by another's.
    package mutating func forget(_ agent: AgentID) -> PipeID? {
        sessions.removeValue(forKey: agent)?.pipe
    }

    // MARK: Answers

    /// Takes the parked polls of those of `agents` for which there may be work.
    package mutating func takeForWork(
        _ agents: some Sequence<AgentID>,
        now: ContinuousClock.Instant,
        lastDelivery: (AgentID) -> UInt64
    ) -> [Taken] {
        agents.compactMap { agent in
            guard sessions[agent]?.wantsWork(lastDelivery: lastDelivery(agent)) == true else { return nil }
            return take(agent, now: now)
        }
    }

    /// Takes the parked polls of `agents`.
    package mutating func take(_ agents: some Sequence<AgentID>, now: ContinuousClock.Instant) -> [Taken] {
        agents.compactMap { take($0, now: now) }
    }

    /// Takes the polls that have been parked for the heartbeat interval, to be answered without work.
    package mutating func takeOverdue(now: ContinuousClock.Instant) -> [Taken] {
        sessions.filter { $0.value.isOverdue(now: now) }.keys.compactMap { take($0, now: now) }
    }

    /// Takes every parked poll.
    package mutating func takeAll(now: ContinuousClock.Instant) -> [Taken] {
        Array(sessions.keys).compactMap { take($0, now: now) }
    }

    /// Parks a poll again for which the store had nothing up to `settled`.
    package mutating func parkAgain(_ taken: Taken, settled: UInt64) {
        _ = sessions[taken.agent]?.parkAgain(taken.parked, settled: settled)
    }

    /// Disconnects the sessions that were answered and have not polled since before `limit`, or were challenged before
    /// `challengeLimit` and have not: their links are dead.
    package mutating func dropSilent(
        since limit: ContinuousClock.Instant,
        challengedBefore challengeLimit: ContinuousClock.Instant
    ) -> [(agent: AgentID, pipe: PipeID)] {
        let dead = sessions.filter { _, session in
            session.isSilent(since: limit) || session.hasFailedChallenge(since: challengeLimit)
        }
        return dead.compactMap { agent, session in
            guard let pipe = session.pipe else { return nil }
            sessions[agent]?.disconnected()
            return (agent, pipe)
        }
    }

    private mutating func take(_ agent: AgentID, now: ContinuousClock.Instant) -> Taken? {
        guard let session = sessions[agent], let held = session.held,
            let poll = sessions[agent]?.takeParked(now: now)
        else { return nil }
        return Taken(agent: agent, held: held, parked: poll, heartbeat: session.heartbeat)
    }
}
