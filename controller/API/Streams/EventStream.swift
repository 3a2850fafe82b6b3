// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Store

/// Writes what a source has to an answer that stays open, as it comes.
///
/// What comes quickly is read together, so that a stream costs a bounded number of reads however much happens, and a client that
/// reads slowly gets more at a time and not more behind: nothing waits in memory, since the source goes on where the
/// client is.
struct EventStream: Sendable {
    /// How often to read at most.
    private static let pace: Duration = .milliseconds(100)

    let commits: CommitBell
    let version: @Sendable () -> UInt64
    let heartbeat: Duration

    /// The answer: open until the source is over, the client goes, or the controller does.
    func response(_ source: some EventSource, _ place: StreamPlaces.Place) -> Response {
        let body = ResponseBody { writer in
            try await write(source, to: &writer)
            withExtendedLifetime(place) {}
        }
        return Response(status: .ok, headers: Self.headers, body: body)
    }

    /// The headers of an answer that stays open.
    static let headers: HTTPFields = [
        .contentType: "text/event-stream", .cacheControl: "no-store",
        // Proxies that gather answers would keep events back.
        .accelBuffering: "no",
    ]

    @concurrent private func write(_ source: some EventSource, to writer: inout any ResponseBodyWriter) async throws {
        var source = source
        while true {
            let seen = version()
            let began = ContinuousClock.now
            let events = try await source.next()
            if !events.isEmpty {
                var bytes: [UInt8] = []
                for event in events { event.append(to: &bytes) }
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            if source.isOver { break }
            if source.hasMore { continue }
            try? await Task.sleep(until: began + Self.pace, clock: .continuous)
            guard await waits(past: seen) else { break }
            if version() == seen { try await writer.write(ByteBuffer(bytes: ServerSentEvent.heartbeat)) }
        }
        try await writer.finish(nil)
    }

    /// Waits for a commit, or until it is time for a heartbeat.
    ///
    /// - Returns: false when the controller is going down, or the client has gone.
    private func waits(past version: UInt64) async -> Bool {
        await cancelWhenGracefulShutdown {
            await commits.wait(past: version, atMost: heartbeat)
            return !Task.isCancelled
        }
    }
}

extension HTTPField.Name {
    fileprivate static let accelBuffering = known("X-Accel-Buffering")
}
