// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// The order of requests and answers on one connection, and when it has to end.
///
/// Requests may be sent before the answers to those before them; answers are in the order of requests. When an answer
/// begins before its request has come in whole, it is the last one: what is left of the request could be endless.
struct ConnectionStateMachine: Sendable {
    /// What to do with a part of a request.
    enum ReadAction: Equatable, Sendable {
        /// Hand it on.
        case pass
        /// Drop it.
        case drop
        /// Drop it, and read no more.
        case stopReading
        /// Drop it; nothing is left of the request, so that the connection can be closed.
        case close
    }

    private let lingerBytes: Int
    private var requestsBegun = 0
    private var requestsEnded = 0
    private var answersEnded = 0
    private var isAnswering = false
    private var awaitsContinue = false
    private var isLastAnswer = false
    private var dropped = 0

    /// Whether the last answer is out, and the connection waits for its end.
    private(set) var isLingering = false

    /// A connection on which nothing has been sent.
    init(lingerBytes: Int) {
        self.lingerBytes = lingerBytes
    }

    /// Whether the request whose turn it is has begun but not come in whole, and has no answer yet.
    var awaitsBody: Bool { !isAnswering && !isLingering && isReceiving }

    /// Whether more may be read on behalf of nobody: the last answer is out, and what may be dropped is not used up.
    var mayDrain: Bool { isLingering && dropped <= lingerBytes }

    private var isReceiving: Bool { requestsBegun > answersEnded && requestsEnded <= answersEnded }

    // MARK: Events

    /// A part of a request came in.
    mutating func read(_ part: HTTPRequestPart) -> ReadAction {
        if isLingering { return drop(part) }
        switch part {
        case .head(let head):
            requestsBegun += 1
            awaitsContinue = head.headerFields[.expect]?.lowercased() == "100-continue"
        case .body: awaitsContinue = false
        case .end:
            requestsEnded += 1
            awaitsContinue = false
        }
        return .pass
    }

    /// The body of the request whose turn it is will be read.
    ///
    /// - Returns: whether the client waits for being told so.
    mutating func wantBody() -> Bool {
        guard awaitsContinue, awaitsBody, requestsBegun == answersEnded + 1 else { return false }
        awaitsContinue = false
        return true
    }

    /// An answer begins.
    ///
    /// - Parameter isFinal: whether it has to be the last for a reason of its own.
    /// - Returns: whether it is the last one, and has to say so.
    mutating func beginAnswer(isFinal: Bool) -> Bool {
        isAnswering = true
        isLastAnswer = isFinal || isReceiving
        return isLastAnswer
    }

    /// An answer ends.
    ///
    /// - Returns: whether the connection is to end with it.
    mutating func endAnswer() -> Bool {
        isAnswering = false
        answersEnded += 1
        isLingering = isLastAnswer
        return isLastAnswer
    }

    private mutating func drop(_ part: HTTPRequestPart) -> ReadAction {
        switch part {
        case .head: return .drop
        case .body(let bytes):
            dropped += bytes.readableBytes
            return mayDrain ? .drop : .stopReading
        case .end: return .close
        }
    }
}
