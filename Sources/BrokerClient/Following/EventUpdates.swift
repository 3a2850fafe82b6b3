// SPDX-License-Identifier: Apache-2.0

/// Something that following all jobs has to tell.
public enum EventUpdate: Hashable, Sendable {
    /// Something happened.
    case event(StreamedEvent)
    /// The controller is away; said once, until it is back.
    case outage(BrokerClientError)
    /// The controller is back.
    case recovered
}

extension BrokerClient {
    /// Follows all jobs that the key may see, from now on and without an end.
    ///
    /// Where the stream breaks off it goes on behind the last event, so that nothing is missed and nothing comes twice; a controller
    /// that is away is waited for, for as long as the policy says.
    ///
    /// - Parameters:
    ///   - policy: how long to be patient, and how often to try.
    ///   - clock: the clock to wait by.
    /// - Returns: a sequence whose iteration throws ``BrokerClientError``, or `CancellationError` on cancellation.
    public func followAll(
        policy: FollowPolicy = FollowPolicy(),
        clock: any Clock<Duration> = ContinuousClock()
    ) -> EventUpdates {
        EventUpdates(policy: policy, clock: clock) { try await events(after: $0) }
    }
}

/// What happens in all jobs.
public struct EventUpdates: AsyncSequence, Sendable {
    private let policy: FollowPolicy
    private let clock: any Clock<Duration>
    private let open: @Sendable (String?) async throws -> StreamedEvents

    init(
        policy: FollowPolicy,
        clock: any Clock<Duration>,
        open: @escaping @Sendable (String?) async throws -> StreamedEvents
    ) {
        self.policy = policy
        self.clock = clock
        self.open = open
    }

    /// Begins at once.
    public func makeAsyncIterator() -> Iterator {
        Iterator(outage: OutageStateMachine(policy: policy), stopwatch: Stopwatch(clock), open: open)
    }

    /// Reads, and opens the stream anew where it breaks off.
    public struct Iterator: AsyncIteratorProtocol {
        private var outage: OutageStateMachine
        private let stopwatch: Stopwatch
        private let open: @Sendable (String?) async throws -> StreamedEvents
        private var stream: StreamedEvents.Iterator?
        private var last: String?

        init(
            outage: OutageStateMachine,
            stopwatch: Stopwatch,
            open: @escaping @Sendable (String?) async throws -> StreamedEvents
        ) {
            self.outage = outage
            self.stopwatch = stopwatch
            self.open = open
        }

        /// The next thing that happened; never nil.
        ///
        /// - Throws: ``BrokerClientError``; `CancellationError` on cancellation.
        public mutating func next() async throws -> EventUpdate? {
            while true {
                if stream == nil, let update = try await reopen() { return update }
                if let event = try await read() { return event }
            }
        }

        /// Opens the stream behind the last event.
        ///
        /// - Returns: what is to be told of that.
        private mutating func reopen() async throws -> EventUpdate? {
            do {
                stream = try await open(last).makeAsyncIterator()
                return outage.answered() ? .recovered : nil
            } catch let error as BrokerClientError {
                let isNew = try outage.failed(error, now: stopwatch.elapsed)
                if isNew { return .outage(error) }
            }
            try await stopwatch.sleep(outage.nextPause())
            return nil
        }

        private mutating func read() async throws -> EventUpdate? {
            guard stream != nil else { return nil }
            do {
                if let event = try await stream?.next() {
                    last = event.id ?? last
                    outage.hurry()
                    return .event(event)
                }
            } catch let error as BrokerClientError where error.isOutage {
                // What broke off is opened anew.
            }
            // The end of a stream may be that of the task.
            try Task.checkCancellation()
            stream = nil
            try await stopwatch.sleep(outage.nextPause())
            return nil
        }
    }
}
