// SPDX-License-Identifier: Apache-2.0

package import Jobs
package import Testing

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
    package func checkApplied(
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
}
