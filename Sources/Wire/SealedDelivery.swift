// SPDX-License-Identifier: Apache-2.0

package import FoundationEssentials
package import Jobs

/// A delivery as it goes over the wire: the exact bytes that were signed, and who signed them.
///
/// Nothing of it is to be believed before the signature was checked, but for what is beside the signed bytes and can do no
/// harm: the number, how long the run may still be started, and the job, in whose name a refusal is told.
package struct SealedDelivery: Hashable, Sendable {
    /// What the signed bytes are.
    package enum Kind: Hashable, Sendable {
        /// An ``Envelope``; how long it may still be started, and the proof that the agent is in its target.
        case run(startWithin: Duration, Place)
        /// An order to cancel.
        case cancel
        /// A go-ahead.
        case go
    }

    /// Where an agent is in the tree of a job's frozen set.
    package struct Place: Hashable, Sendable {
        /// Which leaf.
        package let index: UInt64
        /// The hashes beside the way to the root.
        package let path: Data

        /// Makes a place of its parts.
        package init(index: UInt64, path: Data) {
            self.index = index
            self.path = path
        }
    }

    /// The number of the delivery to its agent.
    package let number: UInt64
    /// The job.
    package let jobID: JobID
    /// What the content is.
    package let kind: Kind
    /// The bytes that were signed.
    package let content: Data
    /// Which key signed them.
    package let keyID: String
    /// The signature.
    package let signature: Data

    /// Makes a delivery of its parts.
    package init(number: UInt64, jobID: JobID, kind: Kind, content: Data, keyID: String, signature: Data) {
        self.number = number
        self.jobID = jobID
        self.kind = kind
        self.content = content
        self.keyID = keyID
        self.signature = signature
    }

    /// About how many bytes it has on the wire.
    package var approximateBytes: Int {
        guard case .run(_, let place) = kind else { return content.count + 150 }
        return content.count + place.path.count + 150
    }
}

extension SealedDelivery {
    init(_ message: PBDelivery) throws(WireError) {
        guard message.number <= UInt64(Int64.max) else { throw .malformed("delivery number") }
        number = message.number
        jobID = try Wire.jobID(message.jobID)
        keyID = message.keyID
        signature = message.signature
        switch message.what {
        case .envelope(let bytes):
            let startWithin = Duration.milliseconds(Int64(clamping: message.startWithinMs))
            kind = .run(startWithin: startWithin, Place(index: message.place.index, path: message.place.path))
            content = bytes
        case .cancel(let bytes):
            kind = .cancel
            content = bytes
        case .go(let bytes):
            kind = .go
            content = bytes
        case nil: throw .malformed("a delivery of an unknown kind")
        }
    }

    var protobuf: PBDelivery {
        var message = PBDelivery()
        message.number = number
        message.jobID = jobIDBytes(jobID)
        message.keyID = keyID
        message.signature = signature
        switch kind {
        case .run(let startWithin, let place):
            message.startWithinMs = UInt64(max(0, startWithin.wholeMilliseconds))
            message.place.index = place.index
            message.place.path = place.path
            message.envelope = content
        case .cancel: message.cancel = content
        case .go: message.go = content
        }
        return message
    }
}
