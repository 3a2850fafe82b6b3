// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

extension ScratchHost {
    /// Runs the examples of an operation there just as the catalogue has them.
    ///
    /// Each must go well and tell what its schema says, and its dry run must foretell `changed`. Those that `others` picks are
    /// run elsewhere.
    func runExamples(
        of type: String,
        except others: (OperationExample) -> Bool = { _ in false },
        at location: SourceLocation = #_sourceLocation
    ) async throws {
        let descriptor = try #require(OperationCatalogue.builtIn[type], sourceLocation: location)
        let schema = try JSONSchema(descriptor.result)
        for example in descriptor.examples where !others(example) {
            let foretold = descriptor.dryRun ? try await run(type, example.data, dryRun: true) : nil
            let outcome = try await run(type, example.data)
            for outcome in [foretold, outcome].compactMap({ $0 }) {
                let faults = schema.faults(in: outcome.data, at: "")
                #expect(
                    outcome.status == "completed" && faults.isEmpty,
                    "\(type), \(example.title): \(outcome) \(faults)",
                    sourceLocation: location
                )
            }
            let isForetold = foretold.map { $0.changed == outcome.changed } ?? true
            #expect(isForetold, "\(type), \(example.title): \(outcome)", sourceLocation: location)
        }
    }
}
