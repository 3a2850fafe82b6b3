// SPDX-License-Identifier: Apache-2.0

import CProcess
import Glibc
import Jobs

/// Watches over one process: moves its input and output, and does what ``ProcessStateMachine`` decides.
struct ProcessLoop: ~Copyable {
    private var process: SpawnedProcess
    private var machine: ProcessStateMachine
    private let start = ContinuousClock.now
    private let request: ProcessRequest
    private var end = ProcessResult.End.unknown
    private var output: KeepingOutput
    private var errorOutput: KeepingOutput
    private var inputSent = 0
    /// The counter that says that the run is to be ended, or how.
    private let wake: Int32
    private let cancellation: RunCancellation
    private var isFinished = false
    /// Whether the supervisor has no more to tell.
    private var isDeaf = false

    /// Makes the loop of a process that was just started.
    init(
        _ process: consuming SpawnedProcess,
        _ request: ProcessRequest,
        wake: Int32,
        cancellation: RunCancellation = RunCancellation()
    ) {
        self.process = process
        self.request = request
        self.wake = wake
        self.cancellation = cancellation
        machine = ProcessStateMachine(timeout: request.timeout, grace: request.grace, drain: request.drain)
        output = KeepingOutput(.stdout, of: request)
        errorOutput = KeepingOutput(.stderr, of: request)
    }

    /// Whether the supervisor has ended, or was told to, and only waits to be reaped.
    var isOver: Bool { machine.isOver }

    /// Lets the kernel forget the supervisor; waits until it has ended.
    func reap() {
        process.reap()
    }

    /// Blocks the thread until there is a result; that is bounded by timeout, grace and drain.
    mutating func run() -> ProcessResult {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            while !isFinished {
                step(buffer)
                handle(.tick)
            }
        }
        return ProcessResult(
            end: end,
            ending: machine.ending,
            stop: machine.stop,
            requestedBy: cancellation.current?.requestedBy,
            isIncomplete: machine.hasGivenUp,
            duration: elapsed,
            output: output.captured,
            errorOutput: errorOutput.captured
        )
    }

    private var elapsed: Duration { ContinuousClock.now - start }

    /// Waits for something to happen and deals with it.
    private mutating func step(_ buffer: UnsafeMutableRawBufferPointer) {
        var descriptors = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: isDeaf ? -1 : process.control.number, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process.output?.number ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process.errorOutput?.number ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process.input?.number ?? -1, events: Int16(POLLOUT), revents: 0),
        ]
        guard poll(&descriptors, nfds_t(descriptors.count), patience) >= 0 else { return }
        // What ended by itself was not ended, though it was asked for at the same time.
        if descriptors[1].revents != 0 { hearSupervisor() }
        if descriptors[0].revents != 0 { hearOrder() }
        if descriptors[2].revents != 0 { readOutput(buffer) }
        if descriptors[3].revents != 0 { readErrorOutput(buffer) }
        if descriptors[4].revents != 0 { writeInput() }
    }

    /// How many milliseconds `poll` may wait.
    private var patience: Int32 {
        guard let wakeUp = machine.wakeUp else { return 0 }
        let (seconds, attoseconds) = max(.zero, wakeUp - elapsed).components
        return Int32(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    private mutating func hearSupervisor() {
        while let news = process.news() {
            switch news {
            case .ended(let end):
                self.end = end
                process.input = nil
                handle(.exited)
            case .over:
                isDeaf = true
                process.input = nil
                if !machine.hasExited { process.killGroup() }
                handle(.vanished)
                return
            }
        }
    }

    private mutating func hearOrder() {
        var count: UInt64 = 0
        Glibc.read(wake, &count, MemoryLayout<UInt64>.size)
        handle(cancellation.isLeft ? .left : .cancelled(grace: cancellation.current?.grace))
    }

    // MARK: Deciding

    private mutating func handle(_ event: ProcessStateMachine.Event) {
        var events = [event]
        while let event = events.popLast() {
            for action in machine.handle(event, at: elapsed) {
                switch action {
                case .terminate: events.append(.signalled(count: process.terminate()))
                case .kill: process.order(BROKER_ORDER_KILL)
                case .release: process.order(BROKER_ORDER_RELEASE)
                case .leave: process.order(BROKER_ORDER_LEAVE)
                case .finish: isFinished = true
                }
            }
        }
    }

    // MARK: Moving bytes

    private mutating func readOutput(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let descriptor = process.output?.number else { return }
        if !Self.read(descriptor, buffer, into: &output) {
            process.output = nil
            noteEndOfOutput()
        }
    }

    private mutating func readErrorOutput(_ buffer: UnsafeMutableRawBufferPointer) {
        guard let descriptor = process.errorOutput?.number else { return }
        if !Self.read(descriptor, buffer, into: &errorOutput) {
            process.errorOutput = nil
            noteEndOfOutput()
        }
    }

    /// Reads once; answers whether there may be more.
    private static func read(
        _ descriptor: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        into capture: inout KeepingOutput
    ) -> Bool {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count > 0 {
            capture.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            return true
        }
        return count < 0 && (errno == EAGAIN || errno == EINTR)
    }

    private mutating func noteEndOfOutput() {
        let outputIsOpen = process.output != nil
        let errorOutputIsOpen = process.errorOutput != nil
        if !outputIsOpen, !errorOutputIsOpen { handle(.outputEnded) }
    }

    private mutating func writeInput() {
        guard let descriptor = process.input?.number, let input = request.input else { return }
        let count = input.withUnsafeBytes { bytes in
            let rest = bytes[inputSent...]
            return rest.isEmpty ? 0 : write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        inputSent += max(0, count)
        // A reader that is gone (EPIPE) did not want the rest: that is its own affair.
        if count < 0 || inputSent == input.count { process.input = nil }
    }
}
