// SPDX-License-Identifier: Apache-2.0

import NNG
package import Wire

extension FleetService {
    /// Answers an agent that asks for authorities and, with a certificate request (PKCS#10, DER), for a certificate.
    ///
    /// It answers with `credentials` or `refusal`.
    package typealias Certify =
        @Sendable (_ agent: AgentIdentity, _ certificateRequest: [UInt8]?) async -> ControllerMessage

    /// Questions that wait to be answered: beside the messages, since signing takes long, and no more than can be
    /// answered soon.
    struct CertificateQuestions: Sendable {
        struct Question: Sendable {
            let agent: AgentIdentity
            let certificateRequest: [UInt8]?
            let address: ReplyAddress
        }

        let stream: AsyncStream<Question>
        private let continuation: AsyncStream<Question>.Continuation

        init() {
            (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(256))
        }

        /// Takes a question; false where too many wait.
        func add(_ question: Question) -> Bool {
            if case .enqueued = continuation.yield(question) { true } else { false }
        }
    }

    /// Takes a question in.
    ///
    /// - Returns: the answer, where it can be given at once.
    func ask(_ certificateRequest: [UInt8], from agent: AgentIdentity, _ request: Request) -> ControllerMessage? {
        let question = CertificateQuestions.Question(
            agent: agent,
            certificateRequest: certificateRequest.isEmpty ? nil : certificateRequest,
            address: request.address
        )
        if certificateQuestions.add(question) { return nil }
        return .refusal(code: "busy", message: "too many agents ask for certificates", retryAfter: .seconds(5))
    }

    /// Answers questions, one after the other, until the task is cancelled.
    func answerCertificateQuestions() async throws {
        for await question in certificateQuestions.stream {
            let message = await certify(question.agent, question.certificateRequest)
            try await answer([(question.address, message)])
        }
    }
}
