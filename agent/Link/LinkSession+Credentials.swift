// SPDX-License-Identifier: Apache-2.0

import Logging
import NNG
import Wire

extension LinkSession {
    /// Asks for authorities and, when it is due, for the next certificate, time and again.
    ///
    /// What goes wrong with files or is refused is told and tried again later; the link goes on, as the old certificate
    /// does. The new one is shown with the next connection.
    ///
    /// - Throws: what ended the link; `CancellationError`.
    func keepCredentials(_ exchange: CredentialExchange, on context: Context) async throws {
        // Of a fleet that comes back at one moment not all ask at one moment.
        try await Task.sleep(for: exchange.interval / 60 * Double.random(in: 0..<1))
        while true {
            do {
                if try await askForCredentials(exchange, on: context) {
                    _ = try await askForCredentials(exchange, on: context)
                }
            } catch LinkError.refused(let code, let message, _) {
                logger.warning("no certificate was issued", metadata: ["code": "\(code)", "message": "\(message)"])
            } catch let fault as CredentialFault {
                logger.error("the agent's certificate cannot be renewed", metadata: ["error": "\(fault.cause)"])
            }
            try await Task.sleep(for: exchange.interval * Double.random(in: 0.9..<1.1))
        }
    }

    /// Asks once.
    ///
    /// - Returns: whether to ask again at once.
    private func askForCredentials(_ exchange: CredentialExchange, on context: Context) async throws -> Bool {
        let request = try CredentialFault.wrapping(exchange.certificateRequest)
        let message = AgentMessage.credentials(certificateRequest: request ?? [])
        guard case .credentials(let answer) = try await ask(message, on: context, timeout: configuration.answerTimeout)
        else { throw LinkError.unexpectedAnswer(to: "question for certificates") }
        let isMore = try CredentialFault.wrapping { try exchange.take(answer) }
        if request != nil { logger.info("the agent's certificate was renewed") }
        return isMore
    }
}

/// The agent's own files do not let it renew its certificate.
private struct CredentialFault: Error {
    let cause: any Error

    static func wrapping<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch { throw CredentialFault(cause: error) }
    }
}
