// SPDX-License-Identifier: Apache-2.0

import NNG
import Synchronization
import Testing

/// A transport that a test runs over.
enum Transport: CaseIterable {
    case inproc
    case tcp

    /// An address that no other test uses; for TCP the system chooses the port.
    var freeURL: String {
        switch self {
        case .inproc: "inproc://\(nextName.add(1, ordering: .relaxed).newValue)"
        case .tcp: "tcp://127.0.0.1:0"
        }
    }
}

extension Socket.Options {
    /// For peers that come and go within a test.
    static let quickReconnect = Socket.Options(
        reconnectMinimum: .milliseconds(5),
        reconnectMaximum: .milliseconds(20)
    )
}

private let nextName = Atomic<Int>(0)

/// Values that handlers on other threads send and a test awaits, in order.
final class Events<Value: Sendable>: Sendable {
    private let stream: AsyncStream<Value>
    private let continuation: AsyncStream<Value>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    func send(_ value: Value) {
        continuation.yield(value)
    }

    func next() async throws -> Value {
        try #require(await stream.first { _ in true })
    }
}

/// A pipe's event, as a test sees it.
enum PipeEvent: Hashable {
    case adding(PipeID)
    case added(PipeID)
    case removed(PipeID)
}

/// A raw socket that listens, and reports its pipes.
struct RawServer: Sendable {
    let raw: RawReply
    let url: String
    let events = Events<PipeEvent>()

    init(
        at url: String,
        options: Socket.Options = .manyPeers,
        limits: RawReply.Limits = .init(),
        admission: PipeAdmission = .accept
    ) throws {
        let socket = try Socket.rawReply(options: options)
        raw = try RawReply(on: socket, limits: limits)
        let events = events
        try socket.handlePipes(
            adding: {
                events.send(.adding($0.id))
                return admission
            },
            added: { events.send(.added($0.id)) },
            removed: { events.send(.removed($0.id)) }
        )
        self.url = try socket.listen(at: url).url
    }

    /// Collects requests until there are this many.
    func receive(_ count: Int) async throws -> [Request] {
        var requests: [Request] = []
        while requests.count < count {
            let iterator = raw.makeAsyncIterator()
            var copy = iterator
            requests += try #require(await copy.next())
        }
        return requests
    }

    /// Answers each request with its own body until the socket is closed.
    func echo() async throws {
        for await batch in raw {
            try await raw.reply(batch.map { Reply(to: $0.address, body: $0.body) })
        }
    }
}

/// Waits for an error of nng.
func code(of body: () async throws -> Void) async -> NNGError.Code? {
    do {
        try await body()
        return nil
    } catch let error as NNGError {
        return error.code
    } catch {
        Issue.record(error)
        return nil
    }
}
