// SPDX-License-Identifier: Apache-2.0

internal import Jobs
package import NIOHTTP1

// What is wrong with an answer.

extension BrokerClientError {
    /// Throws what an answer says, unless it is that the call was done.
    ///
    /// - Parameters:
    ///   - status: how the call ended.
    ///   - headers: those of the answer.
    ///   - answer: its body; a problem where the controller refuses.
    ///   - base: who answered.
    /// - Throws: ``BrokerClientError`` with code `refused` or `badAnswer`.
    package static func check(
        status: HTTPResponseStatus,
        headers: HTTPHeaders,
        _ answer: some Sequence<UInt8>,
        of base: BaseURL
    ) throws(BrokerClientError) {
        let code = Int(status.code)
        switch code {
        case 200..<300:
            return
        case 300..<400:
            let place = headers.first(name: "Location").map { " to \($0)" } ?? ""
            throw BrokerClientError(code: .badAnswer, message: "\(base) sends us elsewhere\(place): use that URL")
        default:
            let problem =
                (try? JSON.decode(Problem.self, from: answer))
                ?? Problem(
                    status: code,
                    code: "http_\(code)",
                    detail: "\(base) answered \(code) \(status.reasonPhrase), not as a controller does",
                    requestID: headers.first(name: "Request-Id")
                )
            throw BrokerClientError(code: .refused(problem), message: problem.detail)
        }
    }

    /// Reads the body of an answer.
    ///
    /// - Throws: ``BrokerClientError`` with code `badAnswer`.
    package static func decode<Answer: Decodable>(
        _ type: Answer.Type,
        from answer: some Sequence<UInt8>,
        of base: BaseURL
    ) throws(BrokerClientError) -> Answer {
        do {
            return try JSON.decode(type, from: answer)
        } catch {
            throw BrokerClientError(
                code: .badAnswer,
                message: "the answer of \(base) is not what a controller sends: \(error)"
            )
        }
    }
}
