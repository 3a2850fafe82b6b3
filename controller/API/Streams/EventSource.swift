// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import Store

/// Where the events of a stream come from: read in parts, from a place on.
protocol EventSource: Sendable {
    /// The events that there are beyond what was read so far, as many as are read at once; none if there are none.
    ///
    /// - Throws: ``StoreError``; ``APIError`` where what is watched is gone.
    mutating func next() async throws -> [ServerSentEvent]

    /// Whether there was more than was read at once.
    var hasMore: Bool { get }

    /// Whether nothing more can come.
    var isOver: Bool { get }
}

/// How many lines are read at once.
private let partSize = 500

/// One job: its lines, and after them the job as it is then.
struct JobEvents: EventSource {
    private let jobs: JobService
    private let id: JobID
    private var place: Int
    private var lastShown: Job?
    private(set) var hasMore = false
    private(set) var isOver = false

    /// Begins after the line of a number; 0 for the beginning.
    init(_ id: JobID, after place: Int, in jobs: JobService) {
        self.jobs = jobs
        self.id = id
        self.place = place
    }

    mutating func next() async throws -> [ServerSentEvent] {
        // Read before the lines: one that has ended then has all of its lines.
        guard let job = try await jobs.store.job(id),
            let lines = try await jobs.store.timeline(of: id, limit: partSize, offset: place)
        else {
            isOver = true
            return []
        }
        var events: [ServerSentEvent] = []
        for line in lines.items {
            place += 1
            events.append(try ServerSentEvent(id: "\(place)", line: line, of: id))
        }
        hasMore = lines.items.count == partSize
        guard !hasMore else { return events }
        if job != lastShown {
            lastShown = job
            events.append(try ServerSentEvent(job))
        }
        isOver = job.status.isTerminal && place >= lines.totalItems ?? 0
        return events
    }
}

/// All jobs that a key may see: their lines, and after the lines of a part the jobs as they are then.
struct FeedEvents: EventSource {
    private let jobs: JobService
    private let requester: Requester
    private var place: Int64
    private var isFirst = true

    private(set) var hasMore = false
    let isOver = false

    /// Begins after a place.
    init(after place: Int64, in jobs: JobService, for requester: Requester) {
        self.jobs = jobs
        self.requester = requester
        self.place = place
    }

    mutating func next() async throws -> [ServerSentEvent] {
        let lines = try await jobs.store.feed(after: place, limit: partSize)
        hasMore = lines.count == partSize
        var events: [ServerSentEvent] = []
        if isFirst {
            // Who is cut off before anything happens has a place to go on from.
            events.append(ServerSentEvent(id: "\(place)", name: "begin", data: Array("{}".utf8)))
            isFirst = false
        }
        let visible = try await visibleJobs(of: Set(lines.map(\.jobID)))
        for line in lines {
            place = line.number
            guard visible[line.jobID] != nil else { continue }
            events.append(try ServerSentEvent(id: "\(place)", line: line.event, of: line.jobID))
        }
        for job in visible.values.sorted(by: { $0.id < $1.id }) { events.append(try ServerSentEvent(job)) }
        return events
    }

    /// Those of the jobs that the key may see, as they are now.
    private func visibleJobs(of ids: Set<JobID>) async throws -> [JobID: Job] {
        var visible: [JobID: Job] = [:]
        for id in ids { visible[id] = try await visibleJob(id) }
        return visible
    }

    /// A job as it is now; nil where it is gone, or the key may not see it.
    private func visibleJob(_ id: JobID) async throws -> Job? {
        guard let job = try await jobs.store.job(id) else { return nil }
        do {
            try await jobs.check(job, isWithinReachOf: requester)
            return job
        } catch let error as SubmissionError where error.code == .forbidden {
            return nil
        }
    }
}
