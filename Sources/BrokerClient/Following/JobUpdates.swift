// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension BrokerClient {
    /// Follows a job until it is at its end.
    ///
    /// The sequence reads the job's stream, opens it anew where it breaks off, and passes over a controller that is away for
    /// a while. Where there is no stream to be had, it asks for the record again and again, as often as the policy says. It ends
    /// after the record of the job at its end.
    ///
    /// - Parameters:
    ///   - id: the job.
    ///   - policy: how often to look, and how long to be patient.
    ///   - clock: the clock to wait by.
    /// - Returns: a sequence whose iteration throws ``BrokerClientError``, or `CancellationError` on cancellation.
    public func follow(
        _ id: JobID,
        policy: FollowPolicy = FollowPolicy(),
        clock: any Clock<Duration> = ContinuousClock()
    ) -> JobUpdates {
        JobUpdates(policy: policy, clock: clock) {
            try await job(id)
        } open: {
            try await events(of: id, after: $0)
        }
    }
}

/// What happens to a job that is followed.
public struct JobUpdates: AsyncSequence, Sendable {
    private let policy: FollowPolicy
    private let clock: any Clock<Duration>
    private let look: @Sendable () async throws -> Job
    private let open: @Sendable (String?) async throws -> StreamedEvents

    init(
        policy: FollowPolicy,
        clock: any Clock<Duration>,
        look: @escaping @Sendable () async throws -> Job,
        open: @escaping @Sendable (String?) async throws -> StreamedEvents
    ) {
        self.policy = policy
        self.clock = clock
        self.look = look
        self.open = open
    }

    /// Begins at once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(machine: FollowStateMachine(policy: policy), stopwatch: Stopwatch(clock), look: look, open: open)
    }

    /// Learns what happens and waits in turn.
    public struct Iterator: AsyncIteratorProtocol {
        private var machine: FollowStateMachine
        private let stopwatch: Stopwatch
        private let look: @Sendable () async throws -> Job
        private let open: @Sendable (String?) async throws -> StreamedEvents
        private var stream: StreamedEvents.Iterator?
        private var waiting: ArraySlice<JobUpdate> = []
        private var pause: Duration? = .zero

        init(
            machine: FollowStateMachine,
            stopwatch: Stopwatch,
            look: @escaping @Sendable () async throws -> Job,
            open: @escaping @Sendable (String?) async throws -> StreamedEvents
        ) {
            self.machine = machine
            self.stopwatch = stopwatch
            self.look = look
            self.open = open
        }

        /// The next thing that happened; nil after the end of the job.
        ///
        /// - Throws: ``BrokerClientError``; `CancellationError` on cancellation.
        public mutating func next() async throws -> JobUpdate? {
            while waiting.isEmpty, let pause {
                if pause > .zero { try await stopwatch.sleep(pause) }
                let step = try await step()
                waiting = step.updates[...]
                self.pause = step.pause
            }
            return waiting.popFirst()
        }

        private mutating func step() async throws -> FollowStateMachine.Step {
            do {
                switch machine.source {
                case .record:
                    stream = nil
                    return machine.saw(try await look())
                case .stream(let last):
                    if stream == nil { stream = try await open(last).makeAsyncIterator() }
                }
            } catch let error as BrokerClientError {
                return try machine.failed(error, now: stopwatch.elapsed)
            }
            return try await read()
        }

        /// Reads on in the stream that is open.
        private mutating func read() async throws -> FollowStateMachine.Step {
            do {
                if let event = try await stream?.next() { return machine.streamed(event) }
            } catch let error as BrokerClientError {
                // What broke off is opened anew; what is no stream is not.
                if case .badAnswer = error.code {
                    stream = nil
                    return try machine.failed(error, now: stopwatch.elapsed)
                }
            }
            // The end of a stream may be that of the task.
            try Task.checkCancellation()
            stream = nil
            return machine.streamEnded()
        }
    }
}
