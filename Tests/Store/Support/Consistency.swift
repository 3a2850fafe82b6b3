// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

/// Checks what must hold of a store between any two of its transactions, by counting again what it has counted.
///
/// - Returns: every job of the store, by id.
@discardableResult
func expectConsistent(
    _ store: any JobStore,
    frozen: [JobID: Int]? = nil,
    location: SourceLocation = #_sourceLocation
) async throws -> [JobID: Job] {
    var jobs: [Job] = []
    while true {
        let page = try await store.jobs(status: nil, limit: 9, offset: jobs.count)
        jobs += page.items
        if page.items.isEmpty {
            #expect(page.total == jobs.count, sourceLocation: location)
            break
        }
    }
    #expect(jobs.map(\.id) == jobs.map(\.id).sorted(by: >), "newest first", sourceLocation: location)
    let numbers = try await store.statusCounts()
    for status in JobStatus.allCases {
        let expected = jobs.filter { $0.status == status }
        #expect(numbers[status] == expected.count, "\(status)", sourceLocation: location)
        let page = try await store.jobs(status: status, limit: 1000, offset: 0)
        #expect(page.items == expected && page.total == expected.count, sourceLocation: location)
    }
    for job in jobs {
        try await expectConsistent(job, in: store, location)
        if let frozen { #expect(job.agentsTotal == frozen[job.id], sourceLocation: location) }
    }
    return Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0) })
}

private func expectConsistent(_ job: Job, in store: any JobStore, _ location: SourceLocation) async throws {
    #expect(try await store.job(job.id) == job, sourceLocation: location)
    let runs = try await store.allRuns(job.id)
    for state in RunState.allCases {
        let expected = runs.filter { $0.state == state }
        #expect(job.agentCounts[state] == expected.count, "\(state)", sourceLocation: location)
        guard !expected.isEmpty else { continue }
        #expect(try await store.allRuns(job.id, state: state) == expected, sourceLocation: location)
    }
    #expect(runs.map(\.hostname) == runs.map(\.hostname).sorted(), sourceLocation: location)
    #expect(job.status == status(of: runs), sourceLocation: location)
    #expect((job.completedAt != nil) == job.status.isTerminal, sourceLocation: location)
    #expect(job.agentsChanged == runs.count { $0.changed == true }, sourceLocation: location)
    #expect(job.changed == known(runs.compactMap(\.changed)), sourceLocation: location)

    expectError(of: job, runs, location)
    try await expectGroups(of: job, runs, in: store, location)

    let events = try await store.allEvents(job.id)
    #expect(job.updatedAt == events.last?.timestamp, sourceLocation: location)
    #expect(job.statusUpdatedAt <= job.updatedAt, sourceLocation: location)
    #expect(events.first?.event == .submitted, sourceLocation: location)
    #expect(
        events.map(\.timestamp) == events.map(\.timestamp).sorted(),
        "time never steps back",
        sourceLocation: location
    )
    let byHost = Dictionary(grouping: events.dropFirst(), by: \.hostname)
    for run in runs {
        expectOrder(of: byHost[run.hostname] ?? [], run, location)
        let times = [run.acknowledgedAt, run.startedAt, run.completedAt].compactMap(\.self)
        #expect(times == times.sorted(), sourceLocation: location)
        #expect((run.completedAt != nil) == run.state.isTerminal, sourceLocation: location)
    }
}

/// The status that the states of the runs ask for, written down a second time.
private func status(of runs: [Run]) -> JobStatus {
    guard runs.allSatisfy({ $0.state.isTerminal }) else {
        return runs.contains { $0.acknowledgedAt != nil } ? .processing : .submitted
    }
    if runs.contains(where: { $0.state == .cancelled }) { return .cancelled }
    if runs.allSatisfy({ [.completed, .skipped].contains($0.state) }) { return .completed }
    return runs.contains { $0.state == .completed } ? .partialFailure : .failed
}

/// The error of a job is one that no other is commoner than among its runs, counted a second time.
private func expectError(of job: Job, _ runs: [Run], _ location: SourceLocation) {
    let notWell = runs.filter { $0.state.isTerminal && ![.completed, .skipped].contains($0.state) }
    let numbers = Dictionary(grouping: notWell) { $0.error?.code ?? $0.state.rawValue }.mapValues(\.count)
    guard [.failed, .partialFailure].contains(job.status) else {
        return #expect(job.error == nil, sourceLocation: location)
    }
    #expect(job.error?.agents == numbers.values.max(), "\(numbers)", sourceLocation: location)
    #expect(job.error.flatMap { numbers[$0.code] } == job.error?.agents, "\(numbers)", sourceLocation: location)
}

/// What a group has in common.
private struct GroupKey: Hashable {
    let state: RunState
    var changed: Bool?
    var errorCode: String?
    var digest: ResultDigest?
}

/// The groups of a job's runs are those that a look at every run makes, the smallest first.
private func expectGroups(
    of job: Job,
    _ runs: [Run],
    in store: any JobStore,
    _ location: SourceLocation
) async throws {
    let page = try await store.groups(of: job.id, limit: 100_000, offset: 0)
    let groups = try #require(page, sourceLocation: location).items
    let expected = Dictionary(grouping: runs) { run in
        // Before its end a run has no result.
        run.state.isTerminal
            ? GroupKey(state: run.state, changed: run.changed, errorCode: run.error?.code, digest: run.digest)
            : GroupKey(state: run.state)
    }
    #expect(groups.count == expected.count && page?.totalItems == expected.count, sourceLocation: location)
    #expect(groups.map(\.count) == groups.map(\.count).sorted(), sourceLocation: location)
    for group in groups {
        let key = GroupKey(
            state: group.status,
            changed: group.changed,
            errorCode: group.errorCode,
            digest: group.digest
        )
        let hosts = expected[key]?.map(\.hostname) ?? []
        #expect(group.count == hosts.count, "\(key)", sourceLocation: location)
        #expect(group.sampleHostnames == Array(hosts.prefix(5)), "\(key)", sourceLocation: location)
    }
}

private func known(_ changed: [Bool]) -> Bool? {
    changed.isEmpty ? nil : changed.contains(true)
}

/// A host's lines go forward: acknowledged, started, one end; only after `lost` may more follow.
///
/// Each attempt begins anew. That an order arrived, or was refused, can be told at any time.
private func expectOrder(of events: [TimelineEvent], _ run: Run, _ location: SourceLocation) {
    var seen: Set<TimelineEvent.Kind> = []
    let events = events.filter { $0.event != .cancelDelivered && $0.event != .orderRefused }
    for event in events {
        if event.event == .retrying {
            seen.subtract([.started, .goingDown])
            continue
        }
        let isAfterEnd = seen.contains { ![.acknowledged, .started, .goingDown, .lost].contains($0) }
        #expect(!isAfterEnd && seen.insert(event.event).inserted, "\(run.hostname)", sourceLocation: location)
        if event.event == .acknowledged { #expect(!seen.contains(.started), sourceLocation: location) }
    }
    let last = events.last?.event ?? .submitted
    let isBetween =
        last == .retrying && [.acknowledged, .lost].contains(run.state) || last == .goingDown && run.state == .started
    #expect(last == TimelineEvent.Kind(run.state) || isBetween, sourceLocation: location)
    #expect(events.last?.error == run.error || isBetween, sourceLocation: location)
}
