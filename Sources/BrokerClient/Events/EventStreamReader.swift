// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore

/// Reads the events of an open stream one after another, in whatever parts they come.
struct EventStreamReader {
    private var bytes: HTTPClientResponse.Body.AsyncIterator
    let base: BaseURL
    private var parser = EventStreamParser()
    private var waiting: ArraySlice<EventStreamParser.Event> = []

    /// Begins to read.
    ///
    /// - Parameters:
    ///   - body: what the controller sends.
    ///   - base: the controller, for errors.
    init(_ body: HTTPClientResponse.Body, base: BaseURL) {
        bytes = body.makeAsyncIterator()
        self.base = base
    }

    /// The next event; nil at the end of the stream.
    ///
    /// - Throws: ``BrokerClientError``; `CancellationError` on cancellation.
    mutating func next() async throws -> EventStreamParser.Event? {
        do {
            while waiting.isEmpty {
                guard let part = try await bytes.next(isolation: #isolation) else { return nil }
                waiting = try parser.take(part.readableBytesView)[...]
            }
        } catch {
            throw BrokerClient.translated(error, base: base)
        }
        return waiting.popFirst()
    }
}
