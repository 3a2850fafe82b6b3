// SPDX-License-Identifier: Apache-2.0

import NIOCore

/// What the two ends of a pair share: the clock of their silence, and the bound on their farewell.
///
/// Belongs to one event loop.
final class RelayLink {
    let meter: RelayMeter
    /// The last thing that went wrong on either end, for the log.
    var lastError: (any Error)?

    private let eventLoop: any EventLoop
    private let limits: RelayLimits
    private var lastActivity: NIODeadline
    private var idleTimer: Scheduled<Void>?
    private var lingerTimer: Scheduled<Void>?
    private var isJoined = false
    private weak var near: RelayEnd?
    private weak var far: RelayEnd?

    init(eventLoop: any EventLoop, limits: RelayLimits, meter: RelayMeter) {
        self.eventLoop = eventLoop
        self.limits = limits
        self.meter = meter
        lastActivity = .now()
    }

    /// Makes both ends; the far one is put into its channel by whoever opens it.
    func makeEnds() -> (near: RelayEnd, far: RelayEnd) {
        let ends = (near: RelayEnd(side: .near, link: self), far: RelayEnd(side: .far, link: self))
        near = ends.near
        far = ends.far
        return ends
    }

    /// Lets bytes flow between the ends and starts the clock of silence.
    func join(_ near: RelayEnd, _ far: RelayEnd) {
        isJoined = true
        touch()
        RelayEnd.join(near, far)
        if let idle = limits.idle { watchSilence(in: idle) }
    }

    func touch() {
        lastActivity = .now()
    }

    /// One timer that looks when it fires, so that traffic costs no more than a time stamp.
    private func watchSilence(in delay: TimeAmount) {
        idleTimer = eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self, let idle = limits.idle else { return }
            let due = lastActivity + idle
            let now = NIODeadline.now()
            if due > now { return watchSilence(in: due - now) }
            meter.countIdleClose()
            abort()
        }
    }

    /// From the first end of input on, the pair's time is limited.
    func startLingering() {
        guard lingerTimer == nil, near?.isGone == false || far?.isGone == false else { return }
        lingerTimer = eventLoop.assumeIsolated().scheduleTask(in: limits.linger) { [weak self] in self?.abort() }
    }

    /// Takes no more from either side, delivers what is pending, and closes.
    func drain() {
        near?.endInput()
        far?.endInput()
    }

    func endIsGone() {
        // Before the two are joined, one is of no use without the other.
        if !isJoined { abort() }
        guard near?.isGone != false, far?.isGone != false else { return }
        cancelTimers()
    }

    /// Closes both ends without waiting for anything.
    func abort() {
        near?.abort()
        far?.abort()
        cancelTimers()
    }

    private func cancelTimers() {
        idleTimer?.cancel()
        lingerTimer?.cancel()
        idleTimer = nil
        lingerTimer = nil
    }
}
