// SPDX-License-Identifier: Apache-2.0

package import Access
package import Jobs

/// Who asks for something to be done: whose name records carry, what the key is limited to, and from where it came.
package struct Requester: Sendable {
    /// The name of the key; shown as `created_by`.
    package let name: String?
    /// The id of the key.
    package let keyID: String?
    /// When the key was made: what came under its name before was another key's.
    package let since: Timestamp?
    /// What the key is limited to.
    package let limit: AccessLimit
    /// The address of the connection.
    package let address: String?
    /// The id of the request.
    package let requestID: String?
    /// To which trace of the client's the request belongs; jobs that it makes do as well.
    package let trace: TraceContext?

    /// Makes a requester of its parts.
    package init(
        name: String?,
        keyID: String? = nil,
        since: Timestamp? = nil,
        limit: AccessLimit = .none,
        address: String? = nil,
        requestID: String? = nil,
        trace: TraceContext? = nil
    ) {
        self.name = name
        self.keyID = keyID
        self.since = since
        self.limit = limit
        self.address = address
        self.requestID = requestID
        self.trace = trace
    }

    /// The line of the audit log on what this requester does.
    ///
    /// - Parameters:
    ///   - action: the name of the call.
    ///   - now: the controller's time.
    ///   - jobID: which job.
    ///   - subject: what else it is done to.
    ///   - detail: more, in words.
    /// - Returns: the line, to be given to the store together with the change.
    package func entry(
        _ action: String,
        at now: Timestamp,
        jobID: JobID? = nil,
        subject: String? = nil,
        detail: String? = nil
    ) -> AuditEntry {
        AuditEntry(
            time: now,
            actor: name,
            keyID: keyID,
            action: action,
            address: address,
            requestID: requestID,
            jobID: jobID,
            subject: subject,
            detail: detail
        )
    }
}

/// The names of the calls that change something, as the audit log has them: the `operationId` of the API's description.
package enum AuditAction {
    /// A job was submitted.
    package static let submitJob = "submitJob"
    /// A job was made of runs of another one.
    package static let retryJob = "retryJob"
    /// A job was asked to be cancelled.
    package static let cancelJob = "cancelJob"
    /// A job was deleted.
    package static let deleteJob = "deleteJob"
    /// An agent was drained.
    package static let drainAgent = "drainAgent"
    /// An agent was resumed.
    package static let resumeAgent = "resumeAgent"
    /// A key was made.
    package static let createKey = "createKey"
    /// A key was revoked.
    package static let revokeKey = "revokeKey"
    /// A webhook was made.
    package static let createWebhook = "createWebhook"
    /// A webhook was changed.
    package static let updateWebhook = "updateWebhook"
    /// A webhook was deleted.
    package static let deleteWebhook = "deleteWebhook"
    /// A webhook was given another secret.
    package static let rotateWebhookSecret = "rotateWebhookSecret"
    /// A webhook that was given up is told again.
    package static let enableWebhook = "enableWebhook"
    /// A webhook was tried.
    package static let testWebhook = "testWebhook"
    /// A delivery of a webhook is made again.
    package static let replayDelivery = "replayDelivery"
    /// An object was stored.
    package static let putObject = "putObject"
    /// The name of an object was deleted.
    package static let deleteObject = "deleteObject"
    /// A host that waited was made an agent.
    package static let acceptEnrolment = "acceptEnrolment"
    /// A host that waited was refused.
    package static let rejectEnrolment = "rejectEnrolment"
    /// An agent was revoked.
    package static let revokeAgent = "revokeAgent"
    /// A join token was made.
    package static let createJoinToken = "createJoinToken"
    /// A join token was revoked.
    package static let revokeJoinToken = "revokeJoinToken"
}
