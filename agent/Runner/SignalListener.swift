// SPDX-License-Identifier: Apache-2.0

/// Listens to a signal until it goes.
package final class SignalListener: Sendable {
    /// Listens no more; a second call has no effect.
    package let end: @Sendable () -> Void

    /// Makes one.
    ///
    /// - Parameter end: what ends it; called once or twice.
    package init(end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    deinit {
        end()
    }

    /// Makes a stream with an element for each call; it listens until its reader goes.
    ///
    /// - Parameter listen: begins to have its argument called.
    /// - Returns: the stream; elements that were not taken yet are one.
    static func stream(listening listen: (@escaping @Sendable () -> Void) -> SignalListener) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let listener = listen { continuation.yield() }
        continuation.onTermination = { _ in listener.end() }
        return stream
    }
}
