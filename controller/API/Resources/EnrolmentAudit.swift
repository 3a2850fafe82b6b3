// SPDX-License-Identifier: Apache-2.0

import Access
import JobDispatch
import Jobs
import Store

/// Writes down what people decide about hosts.
///
/// The line is a transaction of its own, after the decision and before the answer: who is killed between the two has decided
/// without a line. The record of the host itself tells who decided, and when.
struct EnrolmentAudit: Sendable {
    let store: any AccessStore
    let wallClock: @Sendable () -> Timestamp

    func note(_ action: String, _ subject: String, by call: Call, detail: String? = nil) async throws {
        try await store.append([call.requester.entry(action, at: wallClock(), subject: subject, detail: detail)])
    }
}

extension Call {
    /// Refuses a key that is limited to a part of the fleet or of the operations: who becomes an agent is the whole fleet's
    /// affair.
    func requireUnlimited() throws(APIError) {
        guard requester.limit.isNone else {
            throw APIError(.forbidden, "the key is limited, and who is an agent is decided by keys without limits")
        }
    }
}
