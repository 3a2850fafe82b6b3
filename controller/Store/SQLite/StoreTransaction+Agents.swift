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
        case .holds(let id, let delivery): try acknowledge(id, upTo: delivery)
        case .reported(let id, let report): try move(by: report, from: id)
        case .seen(let id, let time):
            try db.cachedStatement(sql: "UPDATE agents SET last_seen_at = max(last_seen_at, ?) WHERE id = ?")
                .execute(arguments: [time.milliseconds, id.text])
        }
    }

    private func introduce(_ introduction: AgentIntroduction) throws {
        let labels = try storedJSON(introduction.labels)
        let facts = try storedJSON(introduction.facts)
        try retireOther(than: introduction.id, named: introduction.hostname)
        try db.cachedStatement(
            sql: """
                INSERT INTO agents (id, hostname, labels, facts, version, first_seen_at, last_seen_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
                ON CONFLICT (id) DO UPDATE SET hostname = ?2, labels = ?3, facts = ?4, version = ?5,
                    last_seen_at = max(last_seen_at, ?6)
                """
        ).execute(arguments: [
            introduction.id.text, introduction.hostname, labels, facts, introduction.version, now.milliseconds,
        ])
        forget(introduction.id)
    }

    /// Ends the open runs of another agent of this hostname, which cannot come back under its name.
    ///
    /// Its row stays without a hostname, so that its runs can still be read and still be told of.
    private func retireOther(than id: AgentID, named hostname: String) throws {
        let statement = try db.cachedStatement(sql: "SELECT id FROM agents WHERE hostname = ? AND id <> ?")
        guard let other = try String.fetchOne(statement, arguments: [hostname, id.text]) else { return }
        let otherID = AgentID(other)
        guard let agent = try agent(otherID) else { return }
        let pending = try runs(where: "r.agent = ? AND r.state = 'pending'", [agent.key])
        for run in pending { try giveUp(run, offered: agent.offered) }
        try loseHeldRuns(of: otherID)
        try db.cachedStatement(sql: "UPDATE agents SET hostname = NULL WHERE agent = ?")
            .execute(arguments: [agent.key])
        forget(otherID)
    }

    /// Makes `lost` of the runs that an agent has acknowledged or started.
    func loseHeldRuns(of id: AgentID) throws {
        guard let agent = try agent(id) else { return }
        let held = try runs(where: "r.agent = ? AND r.state IN ('acknowledged', 'started')", [agent.key])
        for run in held { try apply(.lost, to: run) }
    }

    /// The agent holds everything up to `delivery`, and nothing above: what was offered above did not arrive.
    private func acknowledge(_ id: AgentID, upTo delivery: UInt64) throws {
        guard let agent = try agent(id) else { return }
        let upTo = min(Int64(clamping: delivery), Self.highestDelivery)
        guard upTo <= agent.last else { return try renumber(id, above: upTo) }
        let arrived = try runs(
            where: "r.agent = ? AND r.state = 'pending' AND r.delivery <= ? ORDER BY r.delivery",
            [agent.key, upTo]
        )
        for run in arrived { try apply(.acknowledged, to: run) }
        try setDeliveries(of: id, held: upTo, offered: upTo)
    }

    /// No agent's word lifts its numbers above this, so that there are always more.
    private static let highestDelivery: Int64 = 1 << 53

    /// Goes on with the numbers of an agent that holds more deliveries than were given to it.
    ///
    /// That is so after the database was restored from a copy: what the agent holds was given by the time line that is
    /// lost. Its pending runs get numbers above, and are delivered; an agent that had them knows them by job and attempt.
    private func renumber(_ id: AgentID, above delivery: Int64) throws {
        guard let agent = try agent(id) else { return }
        var last = delivery
        for run in try runs(where: "r.agent = ? AND r.state = 'pending' ORDER BY r.delivery", [agent.key]) {
            last += 1
            try db.cachedStatement(sql: "UPDATE runs SET delivery = ? WHERE job = ? AND agent = ?")
                .execute(arguments: [last, run.job, agent.key])
        }
        try db.cachedStatement(
            sql: "UPDATE agents SET last_delivery = ?, held_delivery = ?, offered_delivery = ? WHERE agent = ?"
        ).execute(arguments: [last, delivery, delivery, agent.key])
        forget(id)
    }

    private func move(by report: RunReport, from id: AgentID) throws {
        guard let agent = try agent(id), let job = try key(of: report.jobID),
            let run = try runs(where: "r.job = ? AND r.agent = ?", [job, agent.key]).first
        else { return }
        switch report.event {
        case .started: try apply(.started, to: run, attempt: report.attempt)
        case .ended(let outcome): try apply(.ended(outcome), to: run, attempt: report.attempt)
        }
    }

    // MARK: Offers

    /// The pending runs that an agent does not hold, at most `limit`, which count as offered from now on.
    ///
    /// Runs whose job's deadline has passed are not offered. Those that lie before an offered one are ended here:
    /// otherwise the agent's next "I hold everything up to" would speak for them as well.
    func offer(_ request: OfferRequest, limit: Int, operations: inout [Int64: OperationRequest]) throws -> [Assignment]
    {
        guard let agent = try agent(request.agentID) else { return [] }
        let held = min(Int64(clamping: request.held), agent.last)
        var offered = held
        var assignments: [Assignment] = []
        var passed: [RunRecord] = []
        var last = held
        while assignments.count < limit {
            let wanted = limit - assignments.count
            let batch = try runs(
                where: "r.agent = ? AND r.state = 'pending' AND r.delivery > ? ORDER BY r.delivery LIMIT ?",
                [agent.key, last, wanted]
            )
            for record in batch {
                last = record.delivery
                let job = try progress(of: record.job)
                guard now < job.deadlineAt else {
                    passed.append(record)
                    continue
                }
                offered = record.delivery
                assignments.append(
                    Assignment(
                        jobID: job.id,
                        attempt: record.run.attempt,
                        delivery: UInt64(clamping: record.delivery),
                        operation: try operation(of: record.job, &operations),
                        startWithin: job.deadlineAt - now
                    )
                )
            }
            if batch.count < wanted { break }
        }
        for record in passed where record.delivery < offered { try apply(.expired, to: record) }
        try setDeliveries(of: request.agentID, held: agent.held, offered: offered)
        return assignments
    }

    private func operation(of job: Int64, _ known: inout [Int64: OperationRequest]) throws -> OperationRequest {
        if let operation = known[job] { return operation }
        let statement = try db.cachedStatement(
            sql: "SELECT j.operation_type, o.data FROM jobs j JOIN job_operations o USING (job) WHERE j.job = ?"
        )
        guard let row = try Row.fetchOne(statement, arguments: [job]), let data: JSONValue = try row.json(1) else {
            throw StoreError(.corrupt, "a job without its operation")
        }
        let operation = OperationRequest(type: row[0], data: data)
        known[job] = operation
        return operation
    }
}
