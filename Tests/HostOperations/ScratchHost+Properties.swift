// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

extension ScratchHost {
    /// Checks what holds for every operation that changes a host: its dry run touches nothing and foretells `changed`, and
    /// a second run changes nothing.
    ///
    /// - Parameters:
    ///   - type: the operation.
    ///   - data: its parameters.
    ///   - isChange: whether the host is not yet as they say.
    ///   - probe: a script of the shell that writes what the operation may change; it must write the same before and after
    ///     a dry run.
    ///   - location: where the test is.
    /// - Returns: the outcome of the real run.
    /// - Throws: ``ScratchHostError``.
    @discardableResult
    func checkApplied(
        _ type: String,
        _ data: JSONValue,
        isChange: Bool = true,
        probe: String = "true",
        at location: SourceLocation = #_sourceLocation
    ) async throws -> Outcome {
        let before = try await shell(probe)
        let foretold = try await run(type, data, dryRun: true)
        let untouched = try await shell(probe)
        let real = try await run(type, data)
        let again = try await run(type, data)
        let later = try await run(type, data, dryRun: true)
        #expect(before == untouched, "a dry run of \(type) has touched the host", sourceLocation: location)
        for outcome in [foretold, real, again, later] {
            #expect(outcome.status == "completed", "\(type): \(outcome)", sourceLocation: location)
        }
        #expect(foretold.changed == isChange, "\(type): \(foretold)", sourceLocation: location)
        #expect(real.changed == isChange, "\(type): \(real)", sourceLocation: location)
        #expect(again.changed == false, "\(type): \(again)", sourceLocation: location)
        #expect(later.changed == false, "\(type): \(later)", sourceLocation: location)
        return real
    }

    /// Checks what holds for whatever sequence of operations: a dry run touches nothing and foretells status, `changed` and
    /// error; `changed` is true if and only if something is different afterwards; a second run changes nothing.
    ///
    /// It ends with the first round that does not hold, and says its seed.
    ///
    /// - Parameters:
    ///   - rounds: how many operations there are.
    ///   - probe: a script of the shell that writes all that the operations may change, and nothing that changes by itself.
    ///   - location: where the test is.
    ///   - next: chooses an operation and its parameters.
    /// - Throws: ``ScratchHostError``.
    func checkSequence(
        rounds: Int = 20,
        probe: String,
        at location: SourceLocation = #_sourceLocation,
        _ next: (inout Choices) -> (type: String, data: [String: JSONValue])
    ) async throws {
        var choices = Choices()
        for round in 1...rounds {
            let (type, data) = next(&choices)
            let before = try await shell(probe)
            let foretold = try await run(type, .object(data), dryRun: true)
            let untouched = try await shell(probe)
            let real = try await run(type, .object(data))
            let after = try await shell(probe)
            let again = try await run(type, .object(data))
            let later = try await shell(probe)
            let faults: [(String, Bool)] = [
                ("the dry run has touched the host", before != untouched),
                ("the dry run foretells another end", foretold.status != real.status || foretold.error != real.error),
                ("the dry run foretells another 'changed'", foretold.changed != real.changed),
                ("'changed' is not what has happened", real.changed != (after != before)),
                ("the second run says that it changes", again.changed != false || again.status != real.status),
                ("the second run changes", later != after),
            ]
            guard let (fault, _) = faults.first(where: \.1) else { continue }
            Issue.record(
                """
                \(fault): round \(round) of BROKER_PROPERTIES_SEED=\(choices.seed): \(type) \(data)
                foretold: \(foretold)\nreal: \(real)\nagain: \(again)\nbefore: \(before)\nafter: \(after)\nlater: \(later)
                """,
                sourceLocation: location
            )
            return
        }
    }
}
