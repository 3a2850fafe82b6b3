// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CommandLine
import Jobs

/// Which jobs are listed.
struct JobFilterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only jobs with one of these statuses.", valueName: "status,…"))
    var status: [String] = []

    @Option(help: ArgumentHelp("Only jobs of these operations; 'service.*' is all that begin so.", valueName: "name,…"))
    var operation: [String] = []

    @Option(
        help: ArgumentHelp("Only jobs that changed hosts, changed none, or did not tell.", valueName: "true|false|null")
    )
    var changed: JobFilter.Change?

    @Option(help: ArgumentHelp("Only jobs with a run on this host.", valueName: "host"))
    var agent: String?

    @Option(help: ArgumentHelp("Only jobs whose run on the agent is so.", valueName: "status,…"))
    var agentStatus: [String] = []

    @Option(help: ArgumentHelp("Only jobs that the key of this name submitted.", valueName: "name"))
    var createdBy: String?

    @Option(help: ArgumentHelp("Only retries of this job.", valueName: "id"), transform: { try jobID($0) })
    var retryOf: JobID?

    @Option(help: ArgumentHelp("Only jobs whose ids begin so.", valueName: "text"))
    var search: String?

    @Option(help: ArgumentHelp("Only jobs created then or later: yesterday, 2h, 2026-11-21.", valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Only jobs created before this time.", valueName: "time"))
    var to: String?

    @Option(name: .customLong("label"), help: ArgumentHelp("Only jobs with this label.", valueName: "name=value"))
    var labels: [String] = []

    func validate() throws {
        if agent == nil, !agentStatus.isEmpty { throw ValidationError("--agent-status goes with --agent") }
        _ = try filter(now: Timestamp(milliseconds: 0))
    }

    /// The filter that was asked for.
    ///
    /// - Parameter now: what times such as `yesterday` are seen from.
    /// - Returns: the filter.
    /// - Throws: `ValidationError`.
    func filter(now: Timestamp) throws -> JobFilter {
        var filter = JobFilter()
        filter.statuses = Set(try Self.words(status, "--status"))
        filter.operations = operation.flatMap { $0.split(separator: ",").map(String.init) }
        filter.change = changed
        filter.agent = agent
        filter.agentStatuses = Set(try Self.words(agentStatus, "--agent-status"))
        filter.createdBy = createdBy
        filter.retryOf = retryOf
        filter.search = search
        filter.from = try Self.time(from, "--from", now)
        filter.to = try Self.time(to, "--to", now)
        filter.labels = try jobLabels(labels)
        return filter
    }

    private static func time(_ text: String?, _ option: String, _ now: Timestamp) throws -> Timestamp? {
        do { return try text.map { try TimePoint($0, now: now).time } } catch {
            throw ValidationError("\(option): \(error)")
        }
    }

    private static func words<Word: RawRepresentable<String> & CaseIterable>(
        _ texts: [String],
        _ option: String
    ) throws -> [Word] {
        try texts.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map { text in
            guard let word = Word(rawValue: String(text)) else {
                let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("\(option) '\(text)' is none of \(known)")
            }
            return word
        }
    }
}

/// The labels of `--label`, given any number of times.
///
/// - Throws: `ValidationError` for what is no label, and for a name that is there twice.
func jobLabels(_ texts: [String]) throws -> [String: String] {
    var labels: [String: String] = [:]
    for text in texts {
        guard let label = JobLabels.read(text), labels.updateValue(label.value, forKey: label.name) == nil else {
            throw ValidationError("--label '\(text)' is not name=value, or given twice")
        }
    }
    if let problem = JobLabels.problem(of: labels) { throw ValidationError("--label: \(problem)") }
    return labels
}
