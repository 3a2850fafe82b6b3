// SPDX-License-Identifier: Apache-2.0

/// A webhook as the submission of a job asks for it: told of that job alone.
public struct JobWebhookRequest: Codable, Hashable, Sendable {
    /// Where events are sent to.
    public let url: String
    /// Which events; nil for how the job ends.
    public let events: [WebhookEventType]?
    /// What messages are signed with, `whsec_` and Base64; nil for a secret that the controller makes.
    public let secret: String?

    /// Makes a request of its parts.
    public init(url: String, events: [WebhookEventType]? = nil, secret: String? = nil) {
        self.url = url
        self.events = events
        self.secret = secret
    }
}

/// The webhook of a job as the job's record shows it.
///
/// Of the URL it has the host alone: the rest often is what lets a message in, and everybody who may read jobs sees the record.
public struct JobWebhook: Decodable, Hashable, Sendable {
    /// Its id, by which its deliveries are found.
    public let id: String
    /// The host that is told, with the port where one was given.
    public let receiver: String
    /// Which events.
    public let events: [WebhookEventType]
    /// The secret that the controller has made for it; only in the answer to the submission.
    public var secret: String?

    /// Makes a record of its parts.
    public init(id: String, receiver: String, events: [WebhookEventType], secret: String? = nil) {
        self.id = id
        self.receiver = receiver
        self.events = events
        self.secret = secret
    }
}

extension JobWebhook: JSONWritable {
    /// Writes every field, the secret only where there is one.
    public func write(to json: inout JSONWriter) throws(JSON.Failure) {
        json.beginObject()
        json.name("events")
        json.beginArray()
        for event in events { json.value(event.rawValue) }
        json.endArray()
        json.member("id", id)
        json.member("receiver", receiver)
        if let secret { json.member("secret", secret) }
        json.endObject()
    }
}
