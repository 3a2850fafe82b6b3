// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sealing

extension JobService {
    /// The submission with its secrets sealed to the agents of the job: what is stored and delivered.
    ///
    /// The controller itself cannot read them from then on.
    ///
    /// - Throws: ``SubmissionError`` where there are too many agents, one has told no key, or the job is for any one agent.
    func sealed(
        _ request: JobRequest,
        _ catalogue: OperationCatalogue,
        to agents: [Agent],
        isAny: Bool
    ) throws(SubmissionError) -> JobRequest {
        let count = catalogue.secretCount(in: request.operation)
        guard count > 0 else { return request }
        guard !isAny else {
            throw refused("a job with secrets names its hosts: _any could go to one that they are not sealed to")
        }
        guard count * agents.count <= limits.sealedSecrets else {
            throw refused(
                "a job has at most \(limits.sealedSecrets) secrets times hosts, and this one has \(count) times \(agents.count)"
            )
        }
        var recipients: [AgentID: SealingPublicKey] = [:]
        for agent in agents {
            guard let key = agent.facts[SealingPublicKey.fact]?.string.flatMap({ SealingPublicKey(text: $0) }) else {
                throw refused("'\(agent.hostname)' has told no key to which secrets could be sealed")
            }
            recipients[agent.id] = key
        }
        do {
            return request.asking(for: try catalogue.sealing(request.operation, to: recipients))
        } catch {
            throw refused(error.description)
        }
    }

    /// The submission with `***` for each secret.
    func withoutSecrets(_ request: JobRequest, _ catalogue: OperationCatalogue) -> JobRequest {
        request.asking(for: catalogue.mapSecrets(in: request.operation) { _, _ in JSONValue.secretMark })
    }

    private func refused(_ detail: String) -> SubmissionError {
        SubmissionError(
            .invalidParameters,
            detail,
            faults: [Fault(pointer: "/operation/data", detail: detail)]
        )
    }
}
