// SPDX-License-Identifier: Apache-2.0

import Access
package import Hummingbird
import JobDispatch
import Jobs
import Logging
import NIOCore

/// What is known of a request while it is served.
package struct APIContext: RequestContext {
    /// What Hummingbird keeps.
    package var coreContext: CoreRequestContextStorage
    /// The id that the answer and the log carry; set by ``RequestIDMiddleware`` before anything else runs.
    package var requestID = ""
    /// To which trace of the client's the request belongs; nil where it told none.
    var trace: TraceContext?
    /// Whom the request comes from; nil on paths that need no key.
    var principal: Principal?

    /// What the body of the request may take of the room for bodies; nil before it is known who sends it.
    var bodyShare: BodyShare?

    private let channel: any Channel

    /// Makes the context of a request that has just come in.
    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Tells the connection that the body of this request is going to be read.
    ///
    /// - Parameter isStream: whether it may take as long as it likes, while enough of it comes in all along.
    func announceReading(asStream isStream: Bool = false) {
        channel.triggerUserOutboundEvent(BodyWanted(isStream: isStream), promise: nil)
    }

    /// The address that the connection comes from; headers that claim another one are not believed.
    var address: String? { channel.remoteAddress?.ipAddress }

    /// Who asks, for whoever does what is asked.
    var requester: Requester {
        Requester(
            name: principal?.name,
            keyID: principal?.keyID,
            since: principal?.since,
            limit: principal?.limit ?? .none,
            address: address,
            requestID: requestID,
            trace: trace
        )
    }
}
