// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The operations that an agent has, by name.
package struct OperationSet: Sendable {
    /// The operations of this version of the agent.
    package static let builtIn = OperationSet([
        Ping(), HostFactsOperation(), CommandOperation(.exec), CommandOperation(.shell),
    ])

    private let operations: [String: any Operation]

    /// Makes a set; of operations with one name the last stays.
    package init(_ operations: [any Operation]) {
        self.operations = Dictionary(operations.map { ($0.type, $0) }, uniquingKeysWith: { $1 })
    }

    /// The names of all operations, sorted.
    package var types: [String] {
        operations.keys.sorted()
    }

    /// Does what a job asks for; an operation that is not in the set is the outcome `unknown_operation`.
    ///
    /// - Throws: what the operation did not foresee.
    package func run(_ request: OperationRequest, in context: OperationContext) async throws -> RunOutcome {
        guard let operation = operations[request.type] else { return .unknownOperation(request.type) }
        return try await operation.run(request.data, in: context)
    }
}
