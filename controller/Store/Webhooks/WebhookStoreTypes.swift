// SPDX-License-Identifier: Apache-2.0

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
    /// Where to.
    package let url: String
    /// With what it is signed: the present secret, and the one before while it is good.
    package let secrets: [String]
    /// What is sent.
    package let body: String
    /// How often it was sent.
    package let attempts: Int

    /// Makes a value of its parts.
    package init(id: String, webhookID: String, url: String, secrets: [String], body: String, attempts: Int) {
        self.id = id
        self.webhookID = webhookID
        self.url = url
        self.secrets = secrets
        self.body = body
        self.attempts = attempts
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
