// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Which agent gets the next piece of an object: each in its turn, and no more on the way at once than the controller has
/// room for.
///
/// An agent has one question open. When its next one comes, it has the piece before, and stands at the end of the row again;
/// so all go on at the same pace, and a slow one holds up its own piece only.
struct ObjectTraffic<Address: Sendable>: Sendable {
    /// A question that waits.
    struct Question: Sendable {
        let agent: AgentID
        let sha256: String
        let offset: Int64
        let length: Int
        let address: Address
    }

    private struct Piece: Sendable {
        let bytes: Int
        let since: ContinuousClock.Instant
    }

    /// The most bytes of pieces that are on the way to agents.
    private let maximumBytes: Int
    /// After what time a piece counts as arrived, or lost, whatever its agent says.
    private let patience: Duration

    private var row: [AgentID] = []
    private var begin = 0
    private var questions: [AgentID: Question] = [:]
    private var pieces: [AgentID: Piece] = [:]

    /// The bytes of pieces that are on the way.
    private(set) var bytesOnTheWay = 0

    /// Makes traffic of nothing.
    init(maximumBytes: Int, patience: Duration) {
        self.maximumBytes = maximumBytes
        self.patience = patience
    }

    /// How many questions wait.
    var waitingCount: Int { questions.count }

    /// An agent asks, and so has what it was sent before; one that asks again keeps its place.
    mutating func ask(_ question: Question) {
        arrived(question.agent)
        if questions.updateValue(question, forKey: question.agent) == nil { row.append(question.agent) }
    }

    /// What an agent was sent has arrived; it asks for nothing more for now.
    mutating func arrived(_ agent: AgentID) {
        if let piece = pieces.removeValue(forKey: agent) { bytesOnTheWay -= piece.bytes }
    }

    /// An agent has gone.
    mutating func forget(_ agent: AgentID) {
        arrived(agent)
        // Its place in the row is passed over.
        questions[agent] = nil
    }

    /// The question whose turn it is, where there is room for its piece.
    mutating func next(now: ContinuousClock.Instant) -> Question? {
        while begin < row.count {
            guard let question = questions[row[begin]] else {
                advance()
                continue
            }
            if bytesOnTheWay + question.length > maximumBytes { giveUp(before: now - patience) }
            guard bytesOnTheWay == 0 || bytesOnTheWay + question.length <= maximumBytes else { return nil }
            advance()
            questions[question.agent] = nil
            pieces[question.agent] = Piece(bytes: question.length, since: now)
            bytesOnTheWay += question.length
            return question
        }
        return nil
    }

    private mutating func advance() {
        begin += 1
        guard begin > 1024, begin * 2 > row.count else { return }
        row.removeFirst(begin)
        begin = 0
    }

    private mutating func giveUp(before time: ContinuousClock.Instant) {
        for (agent, piece) in pieces where piece.since <= time {
            pieces[agent] = nil
            bytesOnTheWay -= piece.bytes
        }
    }
}
