// SPDX-License-Identifier: Apache-2.0

/// Which files of hosts come in: so many at once, one of a host, and the others in the order in which their hosts first asked.
///
/// Who waits is told when to ask again: those at the front soon, and those behind them about when their turn comes, so that
/// however many wait, the controller is asked a bounded number of times a second. One of the front takes a place as
/// soon as there is one; who does not come back when it was told to loses its turn.
struct UploadRow<Host: Hashable & Sendable, File: Hashable & Sendable>: Sendable {
    /// What becomes of a question.
    enum Answer: Hashable, Sendable {
        /// The file has a place, and its bytes may come.
        case place
        /// There is none yet: to be asked again after a pause.
        case wait(Duration)
    }

    /// How many files come in at once, and how much is known of others.
    struct Limits: Sendable {
        /// Files that come in at once.
        var places: Int
        /// For how long a place is kept for who sends no more.
        var patience: Duration = .seconds(60)
        /// Hosts at the front.
        var front = 128
        /// Hosts that have a turn; whoever comes when there are so many has none yet.
        var waiting = 100_000
        /// How long the front is told to wait.
        var shortPause: Duration = .seconds(1)
        /// How long anybody is told to wait at most.
        var longPause: Duration = .seconds(60)
        /// How much later than it was told to who waits may come.
        var delay: Duration = .seconds(5)
    }

    private struct Place: Sendable {
        let file: File
        var heardAt: ContinuousClock.Instant
    }

    private struct Waiting: Sendable {
        let ticket: Int
        /// When its turn is lost, unless it asks before.
        var until: ContinuousClock.Instant
    }

    private let limits: Limits
    private var places: [Host: Place] = [:]
    /// Each with when its turn is lost, unless it asks before.
    private var front: [Host: ContinuousClock.Instant] = [:]
    private var behind: [Host: Waiting] = [:]
    /// Those behind in their order, with some that are there no more.
    private var order: [(host: Host, ticket: Int)] = []
    private var begin = 0
    private var lastTicket = 0

    init(limits: Limits) {
        self.limits = limits
    }

    /// How many hosts wait.
    var waitingCount: Int { front.count + behind.count }

    /// Takes a question in.
    ///
    /// - Parameters:
    ///   - file: which file.
    ///   - host: whose.
    ///   - now: the time.
    /// - Returns: whether its bytes may come.
    mutating func ask(_ file: File, of host: Host, now: ContinuousClock.Instant) -> Answer {
        if let place = places[host] {
            guard place.file == file else { return .wait(limits.shortPause) }
            places[host]?.heardAt = now
            return .place
        }
        front = front.filter { $0.value > now }
        if front[host] == nil { lineUp(host, now: now) }
        moveUp(now: now)
        if front[host] != nil {
            guard places.count >= limits.places else {
                front[host] = nil
                places[host] = Place(file: file, heardAt: now)
                return .place
            }
            front[host] = now + limits.shortPause + limits.delay
            return .wait(limits.shortPause)
        }
        guard let waiting = behind[host], begin < order.count else { return .wait(limits.longPause) }
        // As if all of the front were through within a short pause.
        let rounds = (waiting.ticket - order[begin].ticket) / max(1, limits.front)
        let pause = min(limits.longPause, limits.shortPause * (1 + rounds))
        behind[host]?.until = now + pause + limits.delay
        return .wait(pause)
    }

    /// Whether a file has a place.
    func hasPlace(_ file: File, of host: Host) -> Bool { places[host]?.file == file }

    /// A file is there, or is no more to come.
    mutating func done(_ file: File, of host: Host) {
        if hasPlace(file, of: host) { places[host] = nil }
    }

    /// Takes the places of those that have sent nothing for long.
    ///
    /// - Returns: whose they were.
    mutating func expire(now: ContinuousClock.Instant) -> [(file: File, host: Host)] {
        let idle = places.filter { now - $0.value.heardAt >= limits.patience }
        for host in idle.keys { places[host] = nil }
        front = front.filter { $0.value > now }
        behind = behind.filter { $0.value.until > now }
        return idle.map { (file: $0.value.file, host: $0.key) }
    }

    private mutating func lineUp(_ host: Host, now: ContinuousClock.Instant) {
        // One that comes too late has lost its turn, and stands at the end.
        if let waiting = behind[host], waiting.until > now { return }
        behind[host] = nil
        guard behind.count < limits.waiting else { return }
        lastTicket += 1
        behind[host] = Waiting(ticket: lastTicket, until: now + limits.longPause)
        order.append((host, lastTicket))
    }

    /// Fills the front with those that are next.
    private mutating func moveUp(now: ContinuousClock.Instant) {
        while front.count < limits.front, begin < order.count {
            let (host, ticket) = order[begin]
            begin += 1
            guard let waiting = behind[host], waiting.ticket == ticket else { continue }
            behind[host] = nil
            if waiting.until > now { front[host] = waiting.until }
        }
        guard order.count > 1024 + 2 * behind.count else { return }
        order = order[begin...].filter { behind[$0.host]?.ticket == $0.ticket }
        begin = 0
    }
}
