// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What the audit log says of a change or of an attempt that was refused: who, what, when, from where.
public struct AuditEntry: Hashable, Sendable {
    /// How it ended.
    public enum Outcome: String, Codable, Sendable, CaseIterable {
        /// The change was made; the line is in the same transaction.
        case done
        /// The attempt was refused.
        case refused
    }

    /// The longest text of a line, in characters; longer ones are cut.
    public static let maximumText = 300

    /// When, by the controller's clock.
    public let time: Timestamp
    /// Who: the name of the key; nil where nobody showed one that is known.
    public let actor: String?
    /// The id of the key.
    public let keyID: String?
    /// What: the name of the call, as the description of the API has it as `operationId`.
    public let action: String
    /// How it ended.
    public let outcome: Outcome
    /// Why it was refused: the `code` of the answer.
    public let code: String?
    /// From where: the address of the connection; nil on the controller's host itself.
    public let address: String?
    /// The `Request-Id` of the answer.
    public let requestID: String?
    /// Which job.
    public let jobID: JobID?
    /// What else it was done to: the name of a host or of a key.
    public let subject: String?
    /// More, in words.
    public let detail: String?
    /// For how many attempts the line stands: more than one where they were too many to be written one by one.
    public let count: Int

    /// Makes an entry of its parts; texts that are too long are cut, and control characters replaced.
    public init(
        time: Timestamp,
        actor: String? = nil,
        keyID: String? = nil,
        action: String,
        outcome: Outcome = .done,
        code: String? = nil,
        address: String? = nil,
        requestID: String? = nil,
        jobID: JobID? = nil,
        subject: String? = nil,
        detail: String? = nil,
        count: Int = 1
    ) {
        self.time = time
        self.actor = actor.map(Self.bounded)
        self.keyID = keyID.map(Self.bounded)
        self.action = Self.bounded(action)
        self.outcome = outcome
        self.code = code.map(Self.bounded)
        self.address = address.map(Self.bounded)
        self.requestID = requestID.map(Self.bounded)
        self.jobID = jobID
        self.subject = subject.map(Self.bounded)
        self.detail = detail.map(Self.bounded)
        self.count = count
    }

    /// The entry for as many attempts of its kind.
    public func standing(for count: Int, at time: Timestamp, detail: String) -> AuditEntry {
        AuditEntry(
            time: time,
            actor: actor,
            keyID: keyID,
            action: action,
            outcome: outcome,
            code: code,
            address: address,
            detail: detail,
            count: count
        )
    }

    private static func bounded(_ text: String) -> String {
        let isPlain = text.utf8.count <= maximumText && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        if isPlain { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(maximumText) {
            scalars.append(scalar.value < 0x20 || scalar.value == 0x7F ? "\u{FFFD}" : scalar)
        }
        return String(scalars)
    }
}
