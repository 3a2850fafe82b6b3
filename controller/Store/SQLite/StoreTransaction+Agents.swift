// SPDX-License-Identifier: Apache-2.0

import GRDB
import Jobs

// What agents tell, each kind of it.

extension StoreTransaction {
    /// Takes in one thing that an agent told.
    ///
    /// What is not known changes nothing.
    func take(_ update: AgentUpdate) throws {
        switch update {
        case .introduced(let introduction): try introduce(introduction)
        case .holds(let id, let delivery, let refused): try acknowledge(id, upTo: delivery, refused: refused)
        case .reported(let id, let report): try move(by: report, from: id)
        case .seen(let id, let time):
            try db.query("UPDATE agents SET last_seen_at = max(last_seen_at, ?) WHERE id = ?")
                .with(time.milliseconds).with(id.text).execute()
        }
    }

    private func introduce(_ introduction: AgentIntroduction) throws {
        let labels = try storedJSON(.object(introduction.labels.mapValues { .string($0) }))
        let facts = try storedJSON(.object(introduction.facts))
        // Whoever was revoked between its hello and this transaction is not known again by it.
        guard try !isRevoked(introduction.id) else { return }
        try retireOther(than: introduction.id, named: introduction.hostname)
        try noteLedger(introduction.ledgerID, of: introduction.id)
        try db.cachedStatement(
            sql: """
                INSERT INTO agents (id, hostname, labels, version, first_seen_at, last_seen_at, ledger_id,
                    certificate_expires_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
                ON CONFLICT (id) DO UPDATE SET hostname = ?2, labels = ?3, version = ?4,
                    last_seen_at = max(last_seen_at, ?5), ledger_id = ?6, certificate_expires_at = ?7
                """
        ).execute(arguments: [
            introduction.id.text, introduction.hostname, labels, introduction.version, now.milliseconds,
            introduction.ledgerID, introduction.certificateExpiresAt?.milliseconds,
        ])
        try db.cachedStatement(
            sql: """
                INSERT INTO agent_facts (agent, facts) SELECT agent, ?2 FROM agents WHERE id = ?1
                ON CONFLICT (agent) DO UPDATE SET facts = ?2 WHERE facts <> ?2
                """
        ).execute(arguments: [introduction.id.text, facts])
        try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO agent_deliveries (agent) SELECT agent FROM agents WHERE id = ?"
        ).execute(arguments: [introduction.id.text])
        forget(introduction.id)
    }

    private func isRevoked(_ id: AgentID) throws -> Bool {
        try db.query("SELECT 1 FROM revocations WHERE subject = ?").with(id.text).first { _ in true } ?? false
    }

    /// Retires another agent of this hostname, which cannot come back under its name.
    private func retireOther(than id: AgentID, named hostname: String) throws {
        let query = try db.query("SELECT id FROM agents WHERE hostname = ? AND id <> ?").with(hostname).with(id.text)
        guard let other: String = try query.first({ $0[0] }) else { return }
        _ = try retire(AgentID(other))
    }

    /// Takes an agent out of all listings and ends its open runs.
    ///
    /// Its row stays without a hostname, so that its runs can still be read and still be told of.
    ///
    /// - Returns: whether there was such an agent.
    func retire(_ id: AgentID) throws -> Bool {
        guard let agent = try agent(id) else { return false }
        let pending = try runs(where: "r.agent = ? AND r.state = 'pending'", [agent.key])
        for run in pending { try giveUp(run, offered: agent.offered) }
        try loseHeldRuns(of: id)
        try db.cachedStatement(sql: "UPDATE agents SET hostname = NULL WHERE agent = ?")
            .execute(arguments: [agent.key])
        forget(id)
        return true
    }

    /// Ends the runs that an agent may have had in a ledger which is gone.
    ///
    /// Those that were offered may have been executed; nobody will ever tell. Those that were not are delivered to the new
    /// ledger.
    private func noteLedger(_ ledgerID: String, of id: AgentID) throws {
        guard let agent = try agent(id), let known = agent.ledgerID, known != ledgerID else { return }
        let gone = try runs(
            where: "r.agent = ? AND r.state = 'pending' AND r.delivery <= ?",
            [agent.key, agent.offered]
        )
        let held = try runs(where: "r.agent = ? AND r.state IN ('acknowledged', 'started')", [agent.key])
        for run in gone + held { try apply(.forgotten, to: run) }
        try db.cachedStatement(sql: "DELETE FROM orders WHERE agent = ?").execute(arguments: [agent.key])
    }

    /// Makes `lost` of the runs that an agent has acknowledged or started.
    func loseHeldRuns(of id: AgentID) throws {
        guard let agent = try agent(id) else { return }
        let held = try runs(where: "r.agent = ? AND r.state IN ('acknowledged', 'started')", [agent.key])
        for run in held { try apply(.lost, to: run) }
    }

    /// Until when an agent may be away without a word, since a run of it has its host start again; nil where none has.
    func returnAwaited(of id: AgentID) throws -> Timestamp? {
        guard let agent = try agent(id) else { return nil }
        try writeRuns()
        return try db.query(
            "SELECT max(awaited_until) FROM runs WHERE agent = ? AND state IN ('acknowledged', 'started')"
        ).with(agent.key).first { $0.time(0) }.flatMap(\.self)
    }

    /// The agent holds everything up to `delivery`, and nothing above: what was offered above did not arrive.
    private func acknowledge(_ id: AgentID, upTo delivery: UInt64, refused: [RefusedOrder]) throws {
        guard let agent = try agent(id) else { return }
        let upTo = min(Int64(clamping: delivery), Self.highestDelivery)
        guard upTo <= agent.last else { return try renumber(id, above: upTo) }
        let arrived = try runs(
            where: "r.agent = ? AND r.state = 'pending' AND r.delivery <= ? ORDER BY r.delivery",
            [agent.key, upTo]
        )
        for run in arrived {
            try apply(.acknowledged, to: run)
            let job = try progress(of: run.job)
            guard job.awaitsGo, job.cancelRequestedAt == nil else { continue }
            try insertOrder(.go, for: run)
        }
        try ordersArrived(at: agent, upTo: upTo, refused: refused)
        try withdrawCancelled(of: agent, above: upTo)
        try setDeliveries(of: id, held: upTo, offered: upTo)
    }

    /// No agent's word lifts its numbers above this, so that there are always more.
    private static let highestDelivery: Int64 = 1 << 53

    /// Goes on with the numbers of an agent that holds more deliveries than were given to it.
    ///
    /// That is so after the database was restored from a copy: what the agent holds was given by the time line that is
    /// lost. Its pending runs get numbers above, and are delivered; an agent that had them knows them by job and attempt.
    private func renumber(_ id: AgentID, above delivery: Int64) throws {
        guard var agent = try agent(id) else { return }
        (agent.last, agent.offered, agent.held) = (delivery, delivery, delivery)
        try write(agent, of: id)
        try renumberPending(of: id)
        let orders: [Int64] = try db.query("SELECT delivery FROM orders WHERE agent = ? ORDER BY delivery")
            .with(agent.key).all { $0[0] }
        for order in orders {
            try db.cachedStatement(sql: "UPDATE orders SET delivery = ? WHERE agent = ? AND delivery = ?")
                .execute(arguments: [nextDelivery(to: id), agent.key, order])
        }
    }

    /// Gives the pending runs of an agent new numbers, above all that it was given.
    func renumberPending(of id: AgentID) throws {
        guard let agent = try agent(id) else { return }
        for run in try runs(where: "r.agent = ? AND r.state = 'pending' ORDER BY r.delivery", [agent.key]) {
            try db.cachedStatement(sql: "UPDATE runs SET delivery = ? WHERE job = ? AND agent = ?")
                .execute(arguments: [nextDelivery(to: id), run.job, agent.key])
        }
    }

    /// Whether any run of an agent is pending.
    func hasPending(_ agent: AgentRecord) throws -> Bool {
        try db.query("SELECT 1 FROM runs WHERE agent = ? AND state = 'pending' LIMIT 1")
            .with(agent.key).first { _ in true } ?? false
    }

    private func move(by report: RunReport, from id: AgentID) throws {
        guard let agent = try agent(id), let job = try key(of: report.jobID),
            let run = try run(of: job, on: agent.key)
        else { return }
        switch report.event {
        case .started: try apply(.started, to: run, attempt: report.attempt)
        case .goingDown(let bootID):
            // The time that its operation may take, and a lease for the agent to tell.
            let progress = try progress(of: job)
            let until = now + (progress.hardEndAt - progress.deadlineAt)
            try apply(.goingDown(bootID: bootID, until: until), to: run, attempt: report.attempt)
        case .ended(let outcome): try apply(.ended(outcome), to: run, attempt: report.attempt)
        case .retrying(let outcome, _): try apply(.retrying(outcome), to: run, attempt: report.attempt)
        }
    }
}
