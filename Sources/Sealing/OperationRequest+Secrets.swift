// SPDX-License-Identifier: Apache-2.0

package import Jobs

extension OperationCatalogue {
    /// The request with each secret sealed, so that only some agents can read it.
    ///
    /// A secret that is sealed already, by a client that did so itself, stays as it is.
    ///
    /// - Throws: ``SealingError``.
    package func sealing(
        _ request: OperationRequest,
        to recipients: [AgentID: SealingPublicKey]
    ) throws(SealingError) -> OperationRequest {
        try mapSecrets(in: request) { (value, pointer) throws(SealingError) in
            guard let text = value.string else { return value }
            return try SecretBox.seal(text, for: "\(request.type)\(pointer)", to: recipients)
        }
    }

    /// The request with each secret as its text.
    ///
    /// - Throws: ``SealingError`` where one is not for this agent.
    package func opening(
        _ request: OperationRequest,
        by agent: AgentID,
        with key: SealingKey
    ) throws(SealingError) -> OperationRequest {
        try mapSecrets(in: request) { (value, pointer) throws(SealingError) in
            guard value.isSealed else { return value }
            return .string(try SecretBox.open(value, for: "\(request.type)\(pointer)", by: agent, with: key))
        }
    }

    /// How many secrets a request has, sealed or not.
    package func secretCount(in request: OperationRequest) -> Int {
        var count = 0
        _ = mapSecrets(in: request) { value, _ in
            count += 1
            return value
        }
        return count
    }
}
