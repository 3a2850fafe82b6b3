// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// The envelopes of the jobs that are being handed out, each serialised once, to however many agents it goes.
///
/// For one batch of answers; it grows with the jobs in it.
package struct EnvelopeCache {
    private var envelopes: [JobID: Data] = [:]

    /// Makes a cache without an envelope.
    package init() {}

    mutating func envelope(of assignment: Assignment) -> Data {
        if let known = envelopes[assignment.jobID] { return known }
        let envelope = assignment.envelope
        envelopes[assignment.jobID] = envelope
        return envelope
    }
}
