// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// The operations that an agent has, by name.
package struct OperationSet: Sendable {
    /// The operations of this version of the agent.
    ///
    /// Each group has a list of its own, in a file beside its operations.
    package static let builtIn = OperationSet(
        [
            [Ping(), HostFactsOperation(), CommandOperation(.exec), CommandOperation(.shell)], host, script, file,
            package, service, user, schedule, kernel, network, process, log, certificate, container, object,
        ].flatMap { $0 }
    )

    private let operations: [String: any Operation]
    private let plugins: PluginDirectory?

    /// Makes a set; of operations with one name the last stays.
    ///
    /// - Parameters:
    ///   - operations: what is always there.
    ///   - plugins: where there is more, which may come and go.
    package init(_ operations: [any Operation], plugins: PluginDirectory? = nil) {
        self.operations = Dictionary(operations.map { ($0.type, $0) }, uniquingKeysWith: { $1 })
        self.plugins = plugins
    }

    /// The same operations, and those of plug-ins.
    package func adding(_ plugins: PluginDirectory) -> OperationSet {
        OperationSet(Array(operations.values), plugins: plugins)
    }

    /// The names of all operations, sorted.
    package var types: [String] {
        (operations.keys + (plugins?.descriptors.map(\.type) ?? [])).sorted()
    }

    /// What there is to know of the operations.
    package var catalogue: OperationCatalogue { plugins?.catalogue ?? .builtIn }

    /// Whether an operation heeds that nothing is to be touched; nil for one that is not in the set.
    package func canDryRun(_ type: String) -> Bool? {
        operation(type)?.canDryRun
    }

    /// Whether it is settled what a name stands for here; not so for a while after the start, until the plug-ins have been asked.
    package func isSettled(_ type: String) -> Bool {
        operations[type] != nil || plugins?.isKnown(type) ?? true
    }

    private func operation(_ type: String) -> (any Operation)? {
        operations[type] ?? plugins?.operation(type)
    }

    /// Does what a job asks for.
    ///
    /// References in the parameters are replaced and the parameters checked before the operation sees them; the run's time
    /// is bounded by what the catalogue says. An operation that is not in the set is the outcome `unknown_operation`, and
    /// a dry run of one that cannot do so is `skipped`.
    ///
    /// - Throws: what the operation did not foresee.
    package func run(_ request: OperationRequest, in context: OperationContext) async throws -> RunOutcome {
        guard let operation = operation(request.type) else { return .unknownOperation(request.type) }
        let catalogue = catalogue
        let parameters: JSONValue
        do {
            parameters = try catalogue.prepared(request) {
                Reference.Values(facts: context.facts(), labels: context.labels)
            }
        } catch {
            return .invalidParameters(error.description)
        }
        if context.isDryRun, !operation.canDryRun { return .noDryRun(of: request.type) }
        var context = context
        let prepared = OperationRequest(type: request.type, data: parameters)
        context.deadline = .now + catalogue.runLimit(for: prepared)
        return try await operation.run(parameters, in: context)
    }
}
