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
    let waiting: JobWait
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
            query: [Self.wait],
            body: SubmissionBody.description(jobs.limits),
            answer: .init(status: .created, schema: .reference("Job"), summary: "The job, committed."),
            errors: [
                .malformedJSON, .invalidBody, .unknownOperation, .invalidParameters, .invalidTarget, .emptyTarget,
                .outOfRange, .bodyTooLarge, .requestTimeout, .unsupportedMediaType, .idempotencyKeyInUse,
                .idempotencyKeyReused, .jobDeleted, .tooManyOpenJobs,
            ],
            handle: submit
        )
    }

    private static let wait = QueryParameter(
        name: "wait",
        kind: .number(0...JobWait.longest, default: 0),
        summary: "For how many seconds to keep the answer back until the job has ended."
    )

    private var listing: Endpoint {
        Endpoint(
            method: .get,
            path: "/api/v1/jobs",
            access: .scope(.jobRead),
            name: "listJobs",
            summary: "Jobs, newest first.",
            query: JobListingQuery.parameters,
            isTagged: true,
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
            summary: "A job with all that expand can name, or with what it names.",
            query: [.expand],
            isTagged: true,
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
            webhook: try WebhookBodies.webhook(of: request),
            now: wallClock()
        )
        let created = submission.job
        call.context.logger.info(
            submission.isRepetition ? "job submitted again" : "job submitted",
            metadata: [
                "job.id": "\(created.id)", "job.operation": "\(created.operation.type)",
                "job.agents": "\(created.agentsTotal)",
            ]
        )
        try await waiting.wait(
            for: created.id,
            atMost: .seconds(call.query.number("wait")),
            key: try call.principal.keyID
        )
        var record = try await jobs.withTimeline(created)
        if request.webhook?.secret == nil, record.webhook != nil {
            // Who asks again did not get the answer that had it.
            record.webhook?.secret = try await jobs.store.webhook(of: record.id)?.secret
        }
        return try .created(record, isRepetition: submission.isRepetition)
    }

    private func list(_ call: Call) async throws -> Response {
        let visibility = jobs.visibility(to: call.requester)
        let asked = try JobListingQuery(call.query, visibility)
        let (question, version, store) = (asked.question, jobs.store.version, jobs.store)
        if let answer = answers.answer(to: question, at: version) { return answer.response(to: call.request) }
        let listing = Listing<Job, JobID>(
            start: asked.start,
            limit: asked.limit,
            cursor: asked.cursor,
            key: { $0.id },
            keyText: { $0.description },
            fetch: { window in
                // What follows the first slice is not counted again.
                let isFirst = window.start == asked.start
                let query = JobQuery(
                    asked.filter,
                    visibility: visibility,
                    isCounting: asked.isCounting && isFirst,
                    expansions: asked.expansions
                )
                return try await store.jobs(query, window)
            }
        )
        switch try await listing.answer() {
        case .whole(let text, let pagination):
            let answer = TaggedAnswer(text, link: asked.links(pagination))
            answers.keep(answer, to: question, at: version)
            return answer.response(to: call.request)
        case .inSlices(let response): return response
        case nil: throw APIError(.notFound, "there are no jobs")
        }
    }

    private func get(_ call: Call) async throws -> Response {
        let id = try call.jobID()
        let expansions = call.query.list("expand").map { Set($0.compactMap(JobExpansion.init)) }
        guard let job = try await jobs.store.job(id, expanding: expansions ?? Set(JobExpansion.allCases)) else {
            throw call.noSuchJob
        }
        try await jobs.check(job, isWithinReachOf: call.requester)
        return TaggedAnswer(ByteBuffer(bytes: try job.text())).response(to: call.request)
    }
}

extension JobService {
    /// A job with lines of its timeline; as it was given where it has been deleted meanwhile.
    func withTimeline(_ job: Job) async throws -> Job {
        try await store.job(job.id, expanding: [.timeline]) ?? job
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
