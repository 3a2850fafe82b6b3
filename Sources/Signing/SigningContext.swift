// SPDX-License-Identifier: Apache-2.0

/// What a signature is for, so that bytes that were signed for one thing count for nothing else.
///
/// What is signed is the context's text, a zero byte, and the content.
package enum SigningContext: String, CaseIterable, Sendable {
    /// An envelope: what a job asks for, of whom, and until when.
    case job = "broker job v1"
    /// An order to end the runs of a job.
    case cancel = "broker cancel v1"
    /// The go-ahead for a run.
    case go = "broker go v1"
    /// A set of job keys.
    case keys = "broker job keys v1"

    func message(_ content: some Collection<UInt8>) -> [UInt8] {
        var message: [UInt8] = []
        message.reserveCapacity(rawValue.utf8.count + 1 + content.count)
        message += rawValue.utf8
        message.append(0)
        message += content
        return message
    }
}
