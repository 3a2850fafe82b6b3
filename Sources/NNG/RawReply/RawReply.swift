// SPDX-License-Identifier: Apache-2.0

/// Answers the requests of many peers, each when its time has come: thousands can be parked and answered in any order.
///
/// The requests come as an asynchronous sequence of batches: whatever has arrived since the last one, so that the
/// consumer is woken once for many. Within and between batches the order of requests is not kept, not even of one
/// peer; a REQ peer has one request open for each of its contexts.
///
///     let raw = try RawReply(on: .rawReply())
///     try raw.socket.listen(at: "tcp://127.0.0.1:7000")
///     for await batch in raw {
///         try await raw.reply(batch.map { Reply(to: $0.address, body: $0.body) })
///     }
///
/// ## Limits
///
/// While the consumer is slow, requests stay in nng and with the peers; none is dropped. nng itself keeps at most 64
/// replies to a pipe whose peer does not read, and drops what comes on top; such a peer asks again.
///
/// ## End
///
/// The sequence ends when the socket is closed and everything received has been taken. It also ends for a consumer
/// that is cancelled; a later one continues with what is there. Only one consumer at a time.
package final class RawReply: Sendable, AsyncSequence {
    /// All requests that have arrived since the last batch; never empty.
    package typealias Element = [Request]
    /// The sequence ends, it does not fail.
    package typealias Failure = Never

    /// How much is kept here, besides what `Socket.Options` lets nng keep.
    package struct Limits: Hashable, Sendable {
        /// How many requests wait for the consumer at most.
        package var requests: Int
        /// How many bytes of requests wait for the consumer, apart from the few that pass the mark.
        package var requestBytes: Int
        /// How many requests are received from nng at the same time.
        package var receivers: Int
        /// How many replies wait for nng at most.
        package var replies: Int

        /// Limits that fit some thousand peers; each can be changed.
        ///
        /// - Parameters:
        ///   - requests: how many requests wait at most.
        ///   - requestBytes: how many bytes of requests wait.
        ///   - receivers: how many requests are received at the same time.
        ///   - replies: how many replies wait at most.
        package init(
            requests: Int = 4096,
            requestBytes: Int = 64 * 1024 * 1024,
            receivers: Int = 4,
            replies: Int = 16384
        ) {
            self.requests = Swift.max(1, requests)
            self.requestBytes = Swift.max(1, requestBytes)
            self.receivers = Swift.max(1, receivers)
            self.replies = Swift.max(1, replies)
        }
    }

    /// The socket, to listen with and to set the handlers of pipes.
    package let socket: Socket
    private let inbox: Inbox
    private let outbox: Outbox

    /// Takes over the messages of a raw socket; it is closed when this object and the socket's other owners are gone.
    ///
    /// - Parameters:
    ///   - socket: made by `Socket.rawReply`, and used for nothing else.
    ///   - limits: how much is kept.
    /// - Throws: `outOfMemory`.
    package init(on socket: Socket, limits: Limits = Limits()) throws(NNGError) {
        self.socket = socket
        inbox = Inbox(socket: socket.handle, limits: limits)
        outbox = try Outbox(socket: socket.handle, capacity: limits.replies)
        try outbox.open()
        try inbox.open()
    }

    /// Answers a request; the answer is dropped when the peer has gone, or does not wait for it any more.
    ///
    /// Returns at once, from any thread, with the reply handed to nng or kept to be.
    ///
    /// - Parameters:
    ///   - address: which request.
    ///   - body: what to send.
    /// - Throws: `tryAgain` when too many replies are waiting, `closed`, `outOfMemory`.
    package func reply(to address: ReplyAddress, body: [UInt8]) throws(NNGError) {
        try outbox.send(Reply(to: address, body: body))
    }

    /// Answers many requests, as `reply(to:body:)` does, but waits for room when too many replies are waiting.
    ///
    /// - Parameter batch: the answers, sent in this order.
    /// - Throws: `NNGError` with `closed` and others, or `CancellationError` when the task is cancelled while it waits;
    ///   the first of the answers have been sent then.
    package func reply(_ batch: [Reply]) async throws {
        try await outbox.send(all: batch)
    }

    /// How many requests wait for the consumer, and how many replies for nng.
    package var waitingCounts: (requests: Int, replies: Int) {
        (inbox.count, outbox.count)
    }

    /// Closes a connection; without effect when it is gone.
    package func closePipe(_ pipe: PipeID) {
        Pipe(id: pipe).close()
    }

    /// Closes the socket: the sequence ends, and replies fail; without effect when it is closed already.
    package func close() {
        socket.close()
    }

    /// Starts to take batches; there must be no other iterator in use.
    package func makeAsyncIterator() -> Iterator {
        Iterator(inbox: inbox)
    }

    /// Takes one batch after the other.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let inbox: Inbox

        /// Waits for the next batch; nil at the end, or at once when the task is cancelled.
        package mutating func next() async -> [Request]? {
            await inbox.next()
        }

        /// Waits for the next batch; nil at the end, or at once when the task is cancelled.
        package mutating func next(isolation actor: isolated (any Actor)?) async -> [Request]? {
            await inbox.next()
        }
    }
}
