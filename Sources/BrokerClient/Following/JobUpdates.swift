// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension BrokerClient {
    /// Follows a job until it is at its end.
    ///
    /// The sequence asks for the record again and again, as often as the policy says, and passes over a controller that
    /// is away for a while. It ends after the record of the job at its end.
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
        JobUpdates(policy: policy, clock: clock) { try await job(id) }
    }
}

/// What happens to a job that is followed.
public struct JobUpdates: AsyncSequence, Sendable {
    private let policy: FollowPolicy
    private let clock: any Clock<Duration>
    private let look: @Sendable () async throws -> Job

    init(policy: FollowPolicy, clock: any Clock<Duration>, look: @escaping @Sendable () async throws -> Job) {
        self.policy = policy
        self.clock = clock
        self.look = look
    }

    /// Starts with a look at once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(machine: FollowStateMachine(policy: policy), stopwatch: Stopwatch(clock), look: look)
    }

    /// Looks at the job and waits in turn.
    public struct Iterator: AsyncIteratorProtocol {
        private var machine: FollowStateMachine
        private let stopwatch: Stopwatch
        private let look: @Sendable () async throws -> Job
        private var waiting: ArraySlice<JobUpdate> = []
        private var pause: Duration? = .zero

        init(machine: FollowStateMachine, stopwatch: Stopwatch, look: @escaping @Sendable () async throws -> Job) {
            self.machine = machine
            self.stopwatch = stopwatch
            self.look = look
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
                return machine.saw(try await look())
            } catch let error as BrokerClientError {
                return try machine.failed(error, now: stopwatch.elapsed)
            }
        }
    }
}

/// A clock whose instants are told as time since it was made.
struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws -> Void

    init(_ clock: any Clock<Duration>) {
        self.init(opened: clock)
    }

    private init<C: Clock<Duration>>(opened clock: C) {
        let start = clock.now
        read = { start.duration(to: clock.now) }
        wait = { try await clock.sleep(until: clock.now.advanced(by: $0), tolerance: nil) }
    }

    var elapsed: Duration { read() }

    func sleep(_ pause: Duration) async throws {
        try await wait(pause)
    }
}
