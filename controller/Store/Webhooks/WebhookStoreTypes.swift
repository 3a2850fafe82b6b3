// SPDX-License-Identifier: Apache-2.0

import Access
package import Jobs

/// A webhook with its secret.
package struct StoredWebhook: Hashable, Sendable {
    /// The record.
    package let record: WebhookRecord
    /// `whsec_` and the key in Base64.
    package let secret: String

    /// Makes a value of its parts.
    package init(record: WebhookRecord, secret: String) {
        self.record = record
        self.secret = secret
    }

    /// An id that no webhook has: `wh_` and 24 hexadecimal digits.
    package static func randomID() -> String {
        "wh_" + Hexadecimal.text((0..<12).map { _ in UInt8.random(in: .min ... .max) })
    }
}

/// The webhook of a job, to be committed with it.
package struct NewJobWebhook: Hashable, Sendable {
    /// What the record shows of it.
    package let shown: JobWebhook
    /// Where events are sent to.
    package let url: String
    /// `whsec_` and the key in Base64.
    package let secret: String

    /// Makes a webhook that there was not before.
    ///
    /// - Parameters:
    ///   - url: where events are sent to.
    ///   - receiver: the host in it, with the port where there is one.
    ///   - events: which events.
    ///   - secret: what messages are signed with.
    package init(url: String, receiver: String, events: [WebhookEventType], secret: String) {
        shown = JobWebhook(id: StoredWebhook.randomID(), receiver: receiver, events: events)
        self.url = url
        self.secret = secret
    }

    /// The same for another job.
    package func again() -> NewJobWebhook {
        NewJobWebhook(url: url, receiver: shown.receiver, events: shown.events, secret: secret)
    }

    /// Makes the answer of a store.
    init(shown: JobWebhook, url: String, secret: String) {
        self.shown = shown
        self.url = url
        self.secret = secret
    }
}

/// What of a webhook is to be another from now on; nil for what is to stay.
package struct WebhookChange: Hashable, Sendable {
    /// Where events are sent to.
    package let url: String?
    /// Which events.
    package let events: [WebhookEventType]?
    /// The labels that jobs must have.
    package let labels: [String: String]?

    /// Makes a change of its parts.
    package init(url: String? = nil, events: [WebhookEventType]? = nil, labels: [String: String]? = nil) {
        self.url = url
        self.events = events
        self.labels = labels
    }
}

/// What became of an attempt to make a webhook.
package enum WebhookCreation: Hashable, Sendable {
    /// How many there may be.
    package static let maximumWebhooks = 100

    /// It was committed.
    case created
    /// There are as many as may be.
    case tooMany
}

/// A delivery that is to be sent now, with all that is needed for it.
package struct DueDelivery: Hashable, Sendable {
    /// The id of the message.
    package let id: String
    /// Of which webhook.
    package let webhookID: String
    /// With what it is sent one after another: the webhook, or the host that webhooks of jobs are sent to.
    package let lane: String
    /// Where to.
    package let url: String
    /// With what it is signed: the present secret, and the one before while it is good.
    package let secrets: [String]
    /// What is sent.
    package let body: String
    /// How often it was sent.
    package let attempts: Int
    /// The place in a trace at which the job was asked for that it tells of; nil where none was told.
    package let trace: TraceContext?

    /// Makes a value of its parts.
    package init(
        id: String,
        webhookID: String,
        lane: String,
        url: String,
        secrets: [String],
        body: String,
        attempts: Int,
        trace: TraceContext? = nil
    ) {
        self.id = id
        self.webhookID = webhookID
        self.lane = lane
        self.trace = trace
        self.url = url
        self.secrets = secrets
        self.body = body
        self.attempts = attempts
    }
}

/// What is to be sent now.
package struct DueDeliveries: Hashable, Sendable {
    /// The deliveries, the oldest first.
    package let deliveries: [DueDelivery]
    /// The lane of jobs that had its turn last, to go on behind it.
    package let lane: String

    /// Makes a value of its parts.
    package init(_ deliveries: [DueDelivery], lane: String) {
        self.deliveries = deliveries
        self.lane = lane
    }
}

/// How an attempt to send a delivery ended.
package struct DeliveryOutcome: Hashable, Sendable {
    /// What becomes of it.
    package enum Next: Hashable, Sendable {
        /// It was taken.
        case delivered
        /// It is sent again.
        case again(Timestamp)
        /// It is given up.
        case failed
        /// It is given up, and so is the webhook, for this reason.
        case disabled(String)
    }

    /// The id of the message.
    package let id: String
    /// What becomes of it.
    package let next: Next
    /// What was answered; nil where nothing was.
    package let status: Int?
    /// Why it was not taken.
    package let error: String?

    /// Makes a value of its parts.
    package init(id: String, next: Next, status: Int?, error: String?) {
        self.id = id
        self.next = next
        self.status = status
        self.error = error
    }
}
