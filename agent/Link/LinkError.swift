// SPDX-License-Identifier: Apache-2.0

/// The controller's answer ends the session; the link is made anew after a pause.
enum LinkError: Error, CustomStringConvertible {
    /// The controller understood and said no.
    case refused(code: String, message: String, retryAfter: Duration)
    /// The controller does not know the session.
    case unknownSession
    /// An answer that does not belong to the question.
    case unexpectedAnswer(to: String)
    /// An output that is kept cannot be read any more.
    case unreadableOutput

    var description: String {
        switch self {
        case .refused(let code, let message, _): "\(code): \(message)"
        case .unknownSession: "the controller does not know this session"
        case .unreadableOutput: "an output that is kept cannot be read"
        case .unexpectedAnswer(let question): "an answer that does not belong to a \(question)"
        }
    }
}
