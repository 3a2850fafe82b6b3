// SPDX-License-Identifier: Apache-2.0

package import Hummingbird
import Logging
import NIOCore

/// What is known of a request while it is served.
package struct APIContext: RequestContext {
    /// What Hummingbird keeps.
    package var coreContext: CoreRequestContextStorage
    /// The id that the answer and the log carry; set by ``RequestIDMiddleware`` before anything else runs.
    package var requestID = ""
    /// The name of the key that the request came with; nil on paths that need none.
    package var keyName: String?

    private let channel: any Channel

    /// Makes the context of a request that has just come in.
    package init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Tells the connection that the body of this request is going to be read.
    func announceReading() {
        channel.triggerUserOutboundEvent(BodyWanted(), promise: nil)
    }
}
