// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import JobDispatch
import Jobs
import NIOCore
import ServiceLifecycle
import Store

/// A stream of what a run writes, from its agent while it goes on, and at its end what the record has beyond that.
///
/// The agent is asked only while somebody listens, and nothing is stored. Where its link is lost, it is asked again when it is
/// back, from the place that was reached.
struct FollowedRun: Sendable {
    /// How often the record is looked at, or an agent asked again, at most.
    private static let pace: Duration = .milliseconds(100)
    private static let pauseAfterFault: Duration = .seconds(1)

    let jobs: JobService
    let agents: (any AgentOutputs)?
    let id: JobID
    let hostname: String
    /// Which outputs.
    let streams: Set<RunOutput.Stream>
    let heartbeat: Duration

    /// The answer: open until the run ends, the client goes, or the controller does.
    func response(_ place: StreamPlaces.Place) -> Response {
        let body = ResponseBody { writer in
            try await write(to: &writer)
            withExtendedLifetime(place) {}
        }
        return Response(status: .ok, headers: EventStream.headers, body: body)
    }

    /// How far an attempt has been told.
    private struct Told {
        let attempt: Int
        var stdout: LiveText
        var stderr: LiveText
        /// Whether the agent has no more of it.
        var isOver = false

        init(attempt: Int) {
            self.attempt = attempt
            stdout = LiveText(.stdout, attempt: attempt)
            stderr = LiveText(.stderr, attempt: attempt)
        }

        mutating func events(of bytes: [UInt8], at offset: Int, _ stream: RunOutput.Stream) -> [ServerSentEvent] {
            switch stream {
            case .stdout: stdout.events(of: bytes, at: offset)
            case .stderr: stderr.events(of: bytes, at: offset)
            }
        }

        mutating func gap(to offset: Int, _ stream: RunOutput.Stream) -> [ServerSentEvent] {
            switch stream {
            case .stdout: stdout.gap(to: offset)
            case .stderr: stderr.gap(to: offset)
            }
        }

        mutating func flush() -> [ServerSentEvent] { stdout.flush() + stderr.flush() }
    }

    @concurrent private func write(to writer: inout any ResponseBodyWriter) async throws {
        var told = Told(attempt: 0)
        var beaten = ContinuousClock.now
        while true {
            let (seen, began) = (jobs.store.version, ContinuousClock.now)
            guard let run = try await jobs.store.run(of: id, on: hostname) else { break }
            if run.attempt != told.attempt {
                try await send(told.flush(), to: &writer)
                told = Told(attempt: run.attempt)
            }
            if run.state.isTerminal {
                try await send(rest(of: run, &told) + [end(run)], to: &writer)
                break
            }
            var pause = Self.pace
            if run.state == .started, !told.isOver, let agents {
                do {
                    try await follow(run, agents, &told, &beaten, &writer)
                } catch let fault as OutputFault {
                    // An agent that cannot do this is not asked again in vain.
                    if fault == .gone { told.isOver = true }
                    pause = Self.pauseAfterFault
                }
            }
            try? await Task.sleep(until: began + pause, clock: .continuous)
            guard await waits(past: seen, atMost: told.isOver || run.state != .started ? heartbeat : .zero) else {
                break
            }
            guard ContinuousClock.now - beaten >= heartbeat else { continue }
            beaten = .now
            try await writer.write(ByteBuffer(bytes: ServerSentEvent.heartbeat))
        }
        try await writer.finish(nil)
    }

    /// Tells what an agent sends of an attempt, until there is no more of it.
    ///
    /// The agent sends both outputs. A client that wants the one that is silent hears now and then that its stream lives.
    @concurrent private func follow(
        _ run: Run,
        _ agents: any AgentOutputs,
        _ told: inout Told,
        _ beaten: inout ContinuousClock.Instant,
        _ writer: inout any ResponseBodyWriter
    ) async throws {
        let question = OutputQuestion(
            following: run.jobID,
            attempt: run.attempt,
            stdout: told.stdout.place,
            stderr: told.stderr.place
        )
        let transfer = try await agents.begin(question, at: run.agentID)
        while let piece = try await cancelWhenGracefulShutdown({ try await transfer.next() }) {
            let events =
                piece.bytes.isEmpty ? [] : told.events(of: piece.bytes, at: piece.offset, piece.stream)
            if !events.isEmpty, streams.contains(piece.stream) {
                try await send(events, to: &writer)
                beaten = .now
            } else if piece.bytes.isEmpty && !piece.isLast || ContinuousClock.now - beaten >= heartbeat {
                try await writer.write(ByteBuffer(bytes: ServerSentEvent.heartbeat))
                beaten = .now
            }
            if piece.isLast { told.isOver = true }
        }
    }

    /// What the record has of an attempt that has ended, beyond what was told; or how much there was that it has not.
    private func rest(of run: Run, _ told: inout Told) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for stream in RunOutput.Stream.allCases where streams.contains(stream) {
            guard let output = RunOutput(stream, in: run.data) else { continue }
            if output.isTruncated {
                events += told.gap(to: output.totalBytes ?? 0, stream)
            } else {
                events += told.events(of: output.bytes, at: 0, stream)
            }
        }
        return events + told.flush()
    }

    private func end(_ run: Run) -> ServerSentEvent {
        var json = JSONWriter()
        json.beginObject()
        json.member("attempt", run.attempt)
        json.member("state", run.state.rawValue)
        json.endObject()
        return ServerSentEvent(name: "end", data: json.take())
    }

    @concurrent private func send(_ events: [ServerSentEvent], to writer: inout any ResponseBodyWriter) async throws {
        guard !events.isEmpty else { return }
        var bytes: [UInt8] = []
        for event in events { event.append(to: &bytes) }
        try await writer.write(ByteBuffer(bytes: bytes))
    }

    /// Waits for a commit, or until it is time for a heartbeat.
    ///
    /// - Returns: false when the controller is going down, or the client has gone.
    private func waits(past version: UInt64, atMost time: Duration) async -> Bool {
        await cancelWhenGracefulShutdown {
            if time > .zero { await jobs.store.commits.wait(past: version, atMost: time) }
            return !Task.isCancelled
        }
    }
}
