// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// A client's name for a submission, so that it can ask again after a broken connection and get the same job.
package struct IdempotencyKey: Hashable, Sendable {
    /// For how long a key is remembered.
    package static let lifetime: Duration = .seconds(86_400)

    /// Whose key it is: the name of the API key; keys of different owners have nothing to do with each other.
    package let owner: String
    /// What the client chose.
    package let text: String
    /// A hash of the submission: the same key with another one is refused.
    package let fingerprint: String

    /// Makes a key of its parts.
    package init(owner: String, text: String, fingerprint: String) {
        self.owner = owner
        self.text = text
        self.fingerprint = fingerprint
    }
}

/// What became of an earlier submission with the same key.
package enum EarlierSubmission: Sendable {
    /// There was none, or it is too long ago.
    case none
    /// It was the same submission, and made this job.
    case same(Job)
    /// It was the same submission, and the job that it made has been deleted.
    case deleted
    /// It was another submission.
    case different
}
