// SPDX-License-Identifier: Apache-2.0

import Access
import JobDispatch
import Hummingbird
import Jobs
import Logging
import Store

/// `/api/v1/jobs`: submitting jobs and reading their records.
struct JobsResource: Sendable {
    let jobs: JobService
    let body: BodyReader
    let wallClock: @Sendable () -> Timestamp
    /// Parts of the listing of jobs.
    let answers = AnswerCache()

    var endpoints: [Endpoint] { [submission, listing, record] }

    private var submission: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/jobs",
            access: .scope(.jobWrite),
            name: AuditAction.submitJob,
            summary: "Submits a job: one operation for the agents that a target selects now.",
            body: SubmissionBody.description(jobs.catalogue, jobs.limits),
            answer: .init(status: .created, schema: .reference("Job"), summary: "The job, committed."),
            errors: [
                .malformedJSON, .invalidBody, .unknownOperation, .invalidParameters, .invalidTarget, .emptyTarget,
                .outOfRange, .bodyTooLarge, .requestTimeout, .unsupportedMediaType, .idempotencyKeyInUse,
                .idempotencyKeyReused, .jobDeleted, .tooManyOpenJobs,
            ],
            handle: submit
        )
    }

    private var listing: Endpoint {
        let status = QueryParameter(
            name: "status",
            kind: .choice(JobStatus.allCases.map(\.rawValue)),
            summary: "Only jobs in this status."
        )
        return Endpoint(
            method: .get,
            path: "/api/v1/jobs",
            access: .scope(.jobRead),
            name: "listJobs",
            summary: "Jobs, newest first, without timelines.",
            query: [status, .limit(PageSize.standard), .offset, .cursor],
            answer: .init(status: .ok, schema: .jobListing, summary: "A part of the listing."),
            errors: [.outOfRange],
            handle: list
        )
    }

    private var record: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/jobs/{id}",
            access: .scope(.jobRead),
            name: "getJob",
            summary: "A job with the first \(PageSize.timelineInJob) lines of its timeline.",
            answer: .init(status: .ok, schema: .reference("Job"), summary: "The job."),
            handle: get
        )
    }

    // MARK: Calls

    private func submit(_ call: Call) async throws -> Response {
        let request = SubmissionBody.request(try await body.read(call, fitting: SubmissionBody.schema))
        let submission = try await jobs.submit(
            request,
            by: call.requester,
            idempotencyKey: try IdempotencyHeader.key(of: call.request),
            now: wallClock()
        )
        let created = submission.job
        call.context.logger.info(
            submission.isRepetition ? "job submitted again" : "job submitted",
            metadata: [
                "job.id": "\(created.id)", "job.operation": "\(created.operation.type)",
                "job.agents": "\(created.counts.total)",
            ]
        )
        return try .created(try await jobs.withTimeline(created), isRepetition: submission.isRepetition)
    }

    private func list(_ call: Call) async throws -> Response {
        guard call.requester.limit.isNone else {
            throw APIError(.forbidden, "the key is limited to a part of the jobs; read them one by one")
        }
        let status = call.query.text("status").flatMap(JobStatus.init)
        let cursor = ListingCursor(listing: "jobs \(status?.rawValue ?? "")")
        let store = jobs.store
        let start = try call.query.start(cursor) { JobID($0) }
        let (question, version) = ("\(cursor.listing) \(start) \(call.query.limit)", store.version)
        if let answer = answers.answer(to: question, at: version) { return .json(answer) }
        let listing = Listing<Job, JobID>(
            start: start,
            limit: call.query.limit,
            cursor: cursor,
            key: { $0.id },
            keyText: { $0.description },
            fetch: { window in try await store.jobs(status: status, window) }
        )
        let response = try await listing.response { answers.keep($0, to: question, at: version) }
        guard let response else { throw APIError(.notFound, "there are no jobs") }
        return response
    }

    private func get(_ call: Call) async throws -> Response {
        let job = try await call.job(in: jobs)
        return try .json(try await jobs.withTimeline(job))
    }
}

extension JobService {
    /// A job with the first lines of its timeline.
    func withTimeline(_ job: Job) async throws -> Job {
        var job = job
        let timeline = try await store.timeline(of: job.id, limit: PageSize.timelineInJob, offset: 0)
        job.timeline = timeline?.items ?? []
        job.timelineTotal = timeline?.total ?? 0
        return job
    }
}

extension Response {
    /// The answer to a submission.
    ///
    /// - Parameters:
    ///   - job: what was committed.
    ///   - isRepetition: whether an earlier request with the same idempotency key did that.
    /// - Returns: 201 with the record.
    /// - Throws: where the record cannot be written as JSON.
    static func created(_ job: Job, isRepetition: Bool) throws -> Response {
        var response = try Response.json(job, status: .created, location: "/api/v1/jobs/\(job.id)")
        if isRepetition { response.headers[IdempotencyHeader.replayed] = "true" }
        return response
    }
}

extension Call {
    /// The id of a job in the path.
    ///
    /// What is no id cannot be the id of a job: that is `not_found`.
    func jobID() throws(APIError) -> JobID {
        guard let id = parameter("id").flatMap({ JobID($0) }) else { throw noSuchJob }
        return id
    }

    /// The job in the path, if the key may see it.
    ///
    /// - Throws: ``APIError`` `not_found`; ``SubmissionError`` `forbidden`; ``StoreError``.
    func job(in jobs: JobService) async throws -> Job {
        guard let job = try await jobs.store.job(try jobID()) else { throw noSuchJob }
        try await jobs.check(job, isWithinReachOf: requester)
        return job
    }

    /// The id of the job in the path, if the key may see it; a key without limits may see every job.
    ///
    /// - Throws: as ``job(in:)``.
    func readableJobID(in jobs: JobService) async throws -> JobID {
        guard requester.limit.isNone else { return try await job(in: jobs).id }
        return try jobID()
    }

    /// What to say where the job in the path does not exist.
    var noSuchJob: APIError {
        APIError(.notFound, "there is no job '\(shown("id"))'")
    }
}
