// SPDX-License-Identifier: Apache-2.0

import Access
import JobDispatch
import Hummingbird
import Jobs

/// `/api/v1/agents`: who is there.
struct AgentsResource: Sendable {
    let jobs: JobService

    var endpoints: [Endpoint] { [listing, record] }

    private var listing: Endpoint {
        let target = QueryParameter(
            name: "target",
            kind: .text(length: 1...TargetExpression.maximumLength),
            summary: "Only agents that this target selects."
        )
        let drained = QueryParameter(
            name: "drained",
            kind: .flag(default: nil),
            summary: "Only agents that are, or are not, drained."
        )
        let connected = QueryParameter(
            name: "connected",
            kind: .flag(default: nil),
            summary: "Only agents that are, or are not, connected."
        )
        return Endpoint(
            method: .get,
            path: "/api/v1/agents",
            access: .scope(.agentRead),
            name: "listAgents",
            summary: "Agents by hostname.",
            query: [target, connected, drained, .limit(PageSize.standard), .offset],
            answer: .init(status: .ok, schema: .page(of: "Agent"), summary: "A part of the listing."),
            errors: [.invalidTarget, .outOfRange],
            handle: list
        )
    }

    private var record: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/agents/{hostname}",
            access: .scope(.agentRead),
            name: "getAgent",
            summary: "One agent.",
            answer: .init(status: .ok, schema: .reference("Agent"), summary: "The agent."),
            handle: get
        )
    }

    // MARK: Calls

    private func list(_ call: Call) async throws -> Response {
        let limit = call.requester.limit
        var agents = try selected(by: call.query.text("target"), within: limit).filter(limit.allows)
        if let connected = call.query.flag("connected") { agents.removeAll { $0.connected != connected } }
        if let drained = call.query.flag("drained") { agents.removeAll { ($0.drain != nil) != drained } }
        let items = agents.dropFirst(call.query.offset).prefix(call.query.limit)
        return try .json(
            Page(items: Array(items), total: agents.count, limit: call.query.limit, offset: call.query.offset)
        )
    }

    /// Agents beyond the limit of a key are not there for it, here as elsewhere.
    ///
    /// A target that selects nobody makes an empty listing here, not an error: nothing was to be done.
    private func selected(by target: String?, within limit: AccessLimit) throws -> [Agent] {
        guard let target else { return jobs.directory.agents() }
        do {
            let asked = try limit.narrowed(try TargetExpression(parsing: target)).text
            return try jobs.preview(asked, within: .none)
        } catch let error as TargetError {
            throw APIError(.invalidTarget, error.description)
        } catch let error as SubmissionError {
            if error.code == .emptyTarget { return [] }
            // Without its pointers: they are about a body.
            throw APIError(.invalidTarget, error.message)
        }
    }

    private func get(_ call: Call) async throws -> Response {
        try .json(try call.agent(in: jobs.directory))
    }
}

extension Call {
    /// The agent on the host in the path, if the key may see it; upper and lower case are the same, as in targets.
    func agent(in directory: AgentDirectory) throws(APIError) -> Agent {
        if let hostname = parameter("hostname") {
            let folded = hostname.lowercased()
            let agent = directory.agent(named: hostname) ?? directory.agents(folded: [folded]).first
            if let agent, requester.limit.allows(agent) { return agent }
        }
        throw APIError(.notFound, "there is no agent '\(shown("hostname"))'")
    }
}
