// SPDX-License-Identifier: Apache-2.0

import JobDispatch
import Jobs
import NNG
import Wire

extension FleetService {
    /// Takes a question for a piece of an object in.
    ///
    /// - Returns: the answer, where it can be given at once.
    func ask(_ question: ObjectQuestion, from agent: AgentID, _ request: Request) -> ControllerMessage? {
        guard let objectDesk else {
            return noObjects
        }
        guard question.length > 0 else {
            objectDesk.arrived(agent)
            return .piece(ObjectPiece(sha256: question.sha256, totalBytes: 0, offset: question.offset, bytes: []))
        }
        objectDesk.ask(
            .init(
                agent: agent,
                sha256: question.sha256,
                offset: question.offset,
                length: question.length,
                address: request.address
            )
        )
        return nil
    }

    /// Takes a piece of a file in.
    ///
    /// - Returns: the answer, where it can be given at once.
    func take(_ upload: ObjectUpload, from agent: AgentID, _ request: Request) -> ControllerMessage? {
        guard let uploadDesk, let agent = directory.agent(agent) else {
            return noObjects
        }
        guard let pause = uploadDesk.ask(.init(agent: agent, upload: upload, address: request.address)) else {
            return nil
        }
        return .refusal(code: "busy", message: "many hosts store objects; this one is let in later", retryAfter: pause)
    }

    /// Answers questions for objects until the task is cancelled.
    func answerObjectQuestions() async throws {
        try await objectDesk?.serve { [self] address, message in try await answer([(address, message)]) }
    }

    /// Takes files of hosts in until the task is cancelled.
    func answerUploads() async throws {
        try await uploadDesk?.serve { [self] address, message in try await answer([(address, message)]) }
    }

    private var noObjects: ControllerMessage {
        .refusal(code: "object_refused", message: "this controller keeps no objects", retryAfter: .seconds(60))
    }
}
