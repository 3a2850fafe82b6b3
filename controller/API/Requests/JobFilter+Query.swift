// SPDX-License-Identifier: Apache-2.0

import Access
import Jobs

// Which jobs: the parameters that the listing and the export of jobs have in common.

extension JobFilter {
    /// Reads a query that was checked against ``parameters``.
    ///
    /// - Throws: ``APIError`` `invalid_query`, `out_of_range`.
    init(_ query: Query) throws(APIError) {
        self.init()
        statuses = Set((try Self.words(query, "status") ?? []).compactMap(JobStatus.init))
        operations = try Self.operations(query.text("operation"))
        change = query.text("changed").flatMap(JobFilter.Change.init)
        agent = query.text("agent")
        agentStatuses = Set((try Self.words(query, "agent_status") ?? []).compactMap(RunState.init))
        guard agent != nil || agentStatuses.isEmpty else {
            throw Query.fault(.invalidQuery, "agent_status", "goes with agent")
        }
        createdBy = query.text("created_by")
        template = query.text("template")
        review = query.text("review")
        if let text = query.text("retry_of") {
            guard let id = JobID(text) else { throw Query.fault(.invalidQuery, "retry_of", "is no id of a job") }
            retryOf = id
        }
        search = query.text("search")
        guard search?.unicodeScalars.count ?? 0 <= Self.maximumSearch else {
            throw Query.fault(.outOfRange, "search", "has at most \(Self.maximumSearch) characters")
        }
        from = query.time("from")
        to = query.time("to")
        labels = query.members("label")
        if let problem = JobLabels.problem(of: labels) { throw Query.fault(.outOfRange, "label", problem) }
        for parameter in Self.parameters { try Self.checkLength(of: parameter, query) }
    }

    /// That a text is as long as the description says.
    private static func checkLength(of parameter: QueryParameter, _ query: Query) throws(APIError) {
        guard case .text(let length) = parameter.kind, let text = query.text(parameter.name),
            !length.contains(text.unicodeScalars.count)
        else { return }
        let bounds = "\(length.lowerBound) to \(length.upperBound)"
        throw Query.fault(.outOfRange, parameter.name, "has \(bounds) characters")
    }

    /// Words that were given; there must be one.
    private static func words(_ query: Query, _ name: String) throws(APIError) -> [String]? {
        let words = query.list(name)
        guard words?.isEmpty != true else { throw Query.fault(.invalidQuery, name, "is empty") }
        return words
    }

    private static func operations(_ text: String?) throws(APIError) -> [String] {
        guard let text else { return [] }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        guard names.count <= Self.maximumOperations else {
            throw Query.fault(.outOfRange, "operation", "takes at most \(Self.maximumOperations) names")
        }
        for name in names {
            do { _ = try OperationPattern(name) } catch {
                throw Query.fault(.invalidQuery, "operation", "takes names of operations: \(error.message)")
            }
        }
        return names
    }
}

extension JobFilter {
    /// The parameters of a query that say which jobs.
    static let parameters: [QueryParameter] = {
        func text(_ name: String, _ length: ClosedRange<Int>, _ summary: String) -> QueryParameter {
            QueryParameter(name: name, kind: .text(length: length), summary: summary)
        }
        func choices(_ name: String, _ values: [String], _ summary: String) -> QueryParameter {
            QueryParameter(name: name, kind: .choices(values), summary: summary)
        }
        let reviews = ["pending", "approved", "rejected", "cancelled"]
        return [
            choices("status", JobStatus.allCases.map(\.rawValue), "Only jobs in one of these statuses."),
            text("operation", 1...2048, "Only jobs of one of these operations; service.* means all that begin so."),
            QueryParameter(
                name: "changed",
                kind: .choice(JobFilter.Change.allCases.map(\.rawValue)),
                summary: "Only jobs that changed hosts, changed none, or of which nothing is known."
            ),
            text("agent", 1...253, "Only jobs with a run on this host."),
            choices("agent_status", RunState.allCases.map(\.rawValue), "Only jobs whose run on the agent is so."),
            text("created_by", 1...256, "Only jobs that the key of this name submitted."),
            text("template", 1...256, "Only jobs made from this template."),
            QueryParameter(name: "review", kind: .choice(reviews), summary: "Only jobs in this state of review."),
            text("retry_of", 36...36, "Only retries of this job."),
            text("search", 1...JobFilter.maximumSearch, "Only jobs whose ids begin so."),
            QueryParameter(name: "from", kind: .time, summary: "Only jobs created at this time or later."),
            QueryParameter(name: "to", kind: .time, summary: "Only jobs created before this time."),
            QueryParameter(
                name: "label",
                kind: .members(example: "KEY"),
                summary: "Only jobs whose label KEY has this value; may be given for several."
            ),
        ]
    }()
}
