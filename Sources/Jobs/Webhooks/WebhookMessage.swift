// SPDX-License-Identifier: Apache-2.0

/// What a webhook is sent, as Standard Webhooks has it: `{"type": …, "timestamp": …, "data": {…}}`.
///
/// Thin: who wants more than what an event is about asks the API, with a key of its own.
public enum WebhookMessage {
    /// The text of an event of a job.
    ///
    /// - Parameters:
    ///   - event: what happened.
    ///   - time: when.
    ///   - job: the job as it is then.
    ///   - hostname: on which host; nil for the job as a whole.
    /// - Returns: JSON.
    public static func text(
        _ event: WebhookEventType,
        at time: Timestamp,
        _ job: Job,
        on hostname: String? = nil
    ) -> String {
        var data: [String: JSONValue] = [
            "job_id": .string("\(job.id)"), "status": .string(job.status.rawValue),
            "operation": .string(job.operation.type), "target": .string(job.target),
            "changed": job.changed.map { .bool($0) } ?? .null,
            "agents_total": .int(Int64(job.agentCounts.total)), "agents_changed": .int(Int64(job.agentsChanged)),
        ]
        if let hostname { data["hostname"] = .string(hostname) }
        return text(event, at: time, data: data)
    }

    /// The text of an event with other data.
    public static func text(_ event: WebhookEventType, at time: Timestamp, data: [String: JSONValue]) -> String {
        let message: JSONValue = [
            "type": .string(event.rawValue), "timestamp": .string("\(time)"), "data": .object(data),
        ]
        // Nothing in it can fail to be written: there are no numbers but whole ones.
        return (try? message.text()).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
