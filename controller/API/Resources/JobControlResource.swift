// SPDX-License-Identifier: Apache-2.0

import Access
import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import Logging
import Store

/// What is done to a job after its submission: cancelled, retried, deleted.
struct JobControlResource: Sendable {
    let jobs: JobService
    let body: BodyReader
    let wallClock: @Sendable () -> Timestamp

    var endpoints: [Endpoint] { [cancellation, repetition, deletion] }

    private static let bodyErrors: [APIError.Code] = [
        .malformedJSON, .invalidBody, .outOfRange, .bodyTooLarge, .requestTimeout, .unsupportedMediaType,
    ]

    private var cancellation: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/jobs/{id}/cancel",
            access: .scope(.jobCancel),
            name: AuditAction.cancelJob,
            summary: "Withdraws what no agent has seen of a job, and has the rest of it ended.",
            body: ControlBodies.cancel,
            isBodyOptional: true,
            answer: .init(status: .accepted, schema: .reference("Job"), summary: "The job; its runs end soon."),
            errors: Self.bodyErrors + [.jobFinished],
            handle: cancel
        )
    }

    private var repetition: Endpoint {
        Endpoint(
            method: .post,
            path: "/api/v1/jobs/{id}/retry",
            access: .scope(.jobWrite),
            name: AuditAction.retryJob,
            summary: "Makes a new job of runs of one that has ended, on the same hosts.",
            body: ControlBodies.retry,
            isBodyOptional: true,
            answer: .init(status: .created, schema: .reference("Job"), summary: "The new job, committed."),
            errors: Self.bodyErrors + [
                .jobNotFinished, .nothingToRetry, .tooManyOpenJobs, .idempotencyKeyInUse, .idempotencyKeyReused,
                .jobDeleted, .unknownOperation, .invalidParameters,
            ],
            handle: retry
        )
    }

    private var deletion: Endpoint {
        Endpoint(
            method: .delete,
            path: "/api/v1/jobs/{id}",
            access: .scope(.jobCancel),
            name: AuditAction.deleteJob,
            summary: "Deletes a job that has ended, with its runs and its timeline.",
            answer: .init(status: .noContent, schema: nil, summary: "It is gone."),
            errors: [.jobNotFinished],
            handle: delete
        )
    }

    // MARK: Calls

    private func cancel(_ call: Call) async throws -> Response {
        let id = try call.jobID()
        let value = try await body.readOptional(call, fitting: ControlBodies.cancelSchema)
        let request = try ControlBodies.cancel(value, by: call.requester.name)
        let job = try await jobs.cancel(id, request, by: call.requester, now: wallClock())
        call.context.logger.info("job to be cancelled", metadata: ["job.id": "\(id)"])
        return try .json(try await jobs.withTimeline(job), status: .accepted)
    }

    private func retry(_ call: Call) async throws -> Response {
        let id = try call.jobID()
        let value = try await body.readOptional(call, fitting: ControlBodies.retrySchema)
        let submission = try await jobs.retry(
            id,
            only: value["only"]?.string.flatMap(RetrySelection.init) ?? .failed,
            by: call.requester,
            idempotencyKey: try IdempotencyHeader.key(of: call.request),
            now: wallClock()
        )
        let job = submission.job
        call.context.logger.info("job retried", metadata: ["job.id": "\(job.id)", "job.retry_of": "\(id)"])
        return try .created(try await jobs.withTimeline(job), isRepetition: submission.isRepetition)
    }

    private func delete(_ call: Call) async throws -> Response {
        let id = try call.jobID()
        try await jobs.delete(id, by: call.requester, now: wallClock())
        call.context.logger.info("job deleted", metadata: ["job.id": "\(id)"])
        return Response(status: .noContent)
    }
}
