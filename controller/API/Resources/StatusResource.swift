// SPDX-License-Identifier: Apache-2.0

import Access
import JobDispatch
import Hummingbird
import Jobs
import Objects
import Store

/// `/api/v1/status` and `/api/v1/limits`: the controller at a glance.
struct StatusResource: Sendable {
    let jobs: JobService
    let limits: AccessControl.Limits
    let configuration: APIConfiguration
    let objects: ObjectLimits?

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .get,
                path: "/api/v1/status",
                access: .scope(.jobRead),
                name: "getStatus",
                summary: "Jobs per status, agents known and connected, and what was refused.",
                answer: .init(status: .ok, schema: .reference("Status"), summary: "The status."),
                handle: status
            ),
            Endpoint(
                method: .get,
                path: "/api/v1/limits",
                access: .anyKey,
                name: "getLimits",
                summary: "Every limit that a client can meet.",
                answer: .init(status: .ok, schema: .reference("Limits"), summary: "The limits."),
                handle: readLimits
            ),
        ]
    }

    private func status(_ call: Call) async throws -> Response {
        let counts = try await jobs.store.statusCounts()
        let agents = jobs.directory.counts
        let perStatus = JobStatus.allCases.map { ($0.rawValue, JSONValue(counts[$0] ?? 0)) }
        let status: JSONValue = [
            "version": .string(configuration.version),
            "jobs": .object(Dictionary(perStatus, uniquingKeysWith: { $1 })),
            "agents": ["known": JSONValue(agents.known), "connected": JSONValue(agents.connected)],
            "refusals": .object(jobs.refusals().mapValues { JSONValue($0) }),
        ]
        return try .json(status)
    }

    private func readLimits(_ call: Call) async throws -> Response {
        let access = self.limits
        let limits = jobs.limits
        let value: JSONValue = [
            "body_bytes": JSONValue(configuration.maximumBody),
            "bodies_bytes": JSONValue(configuration.maximumBodies),
            "bodies_bytes_per_key": JSONValue(configuration.maximumBodiesOfKey),
            "streams": JSONValue(configuration.maximumStreams),
            "streams_per_key": JSONValue(configuration.maximumStreamsOfKey),
            "exports": JSONValue(configuration.maximumExports),
            "exports_per_key": JSONValue(configuration.maximumExportsOfKey),
            "outputs": JSONValue(configuration.maximumOutputs),
            "outputs_per_key": JSONValue(configuration.maximumOutputsOfKey),
            "export_days": JSONValue(JobExport.maximumDays),
            "body_seconds": JSONValue(configuration.connections.bodyTime),
            "json_depth": JSONValue(configuration.maximumDepth),
            "deadline_seconds": [
                "minimum": JSONValue(limits.minimumDeadline), "default": JSONValue(limits.defaultDeadline),
                "maximum": JSONValue(limits.maximumDeadline),
            ],
            "lease_seconds": JSONValue(limits.lease),
            "requests_per_minute": access.requests.map { JSONValue($0.limit) } ?? .null,
            "failures_per_minute": JSONValue(access.failures.limit),
            "keys": JSONValue(KeyCreation.maximumKeys),
            "audit_page": JSONValue(PageSize.audit),
            "enrolment_body_bytes": JSONValue(EnrolmentBodies.maximumBytes),
            "enrolments_waiting": JSONValue(EnrolmentLimits().pending),
            "enrolments_waiting_per_address": JSONValue(EnrolmentLimits().pendingPerNetwork),
            "join_tokens": JSONValue(EnrolmentLimits().tokens),
            "open_jobs": JSONValue(limits.openJobs),
            "sealed_secrets": JSONValue(limits.sealedSecrets),
            "plugins": JSONValue(PluginLimits().operations),
            "plugins_bytes": JSONValue(PluginLimits().bytes),
            "plugin_bytes": JSONValue(OperationDescriptor.maximumPluginBytes),
            "plugins_of_agent": JSONValue(OperationDescriptor.maximumPlugins),
            "retry_attempts": JSONValue(RetryPolicy.attempts.upperBound),
            "retry_backoff_seconds": .double(RetryPolicy.backoffs.upperBound),
            "cancel_grace_seconds": .double(CancelRequest.graces.upperBound),
            "note_characters": JSONValue(limits.noteLength),
            "target_characters": JSONValue(TargetExpression.maximumLength),
            "target_depth": JSONValue(TargetExpression.maximumDepth),
            "request_id_characters": JSONValue(RequestIDMiddleware.maximumLength),
            "page": JSONValue(PageSize.standard),
            "runs_page": JSONValue(PageSize.runs),
            "groups_page": JSONValue(PageSize.groups),
            "offset": JSONValue(PageSize.maximumOffset),
            "jobs_page": JSONValue(PageSize.jobs),
            "timeline_in_job": JSONValue(JobExpansion.maximumLines),
            "agents_in_job": JSONValue(JobExpansion.maximumAgents),
            "job_labels": JSONValue(JobLabels.maximumNumber),
            "label_name_bytes": JSONValue(JobLabels.maximumName),
            "label_value_bytes": JSONValue(JobLabels.maximumValue),
            "preview_items": JSONValue(PageSize.preview),
            "object_bytes": objects.map { .int($0.maximumBytes) } ?? .null,
            "objects_bytes": objects.map { .int($0.totalBytes) } ?? .null,
            "object_uploads": objects.map { JSONValue($0.uploads) } ?? .null,
            "object_uploads_per_key": objects.map { JSONValue($0.uploadsOfKey) } ?? .null,
            "object_name_bytes": JSONValue(ObjectName.maximumBytes),
        ]
        return try .json(value)
    }
}

extension JSONValue {
    /// A whole number.
    init(_ number: Int) { self = .int(Int64(number)) }

    /// A duration in seconds.
    init(_ duration: Duration) {
        let milliseconds = duration.wholeMilliseconds
        self = milliseconds % 1000 == 0 ? .int(milliseconds / 1000) : .double(Double(milliseconds) / 1000)
    }

    fileprivate init(_ size: (default: Int, maximum: Int)) {
        self = ["default": JSONValue(size.default), "maximum": JSONValue(size.maximum)]
    }
}
