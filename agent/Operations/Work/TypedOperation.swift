// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// An operation that only looks.
package protocol ReadOperation: Operation {
    /// Its parameters, with the names that its schema has in `snake_case`.
    associatedtype Parameters: Decodable & Sendable

    /// Looks.
    ///
    /// - Parameters:
    ///   - parameters: what the job says, checked, with the defaults filled in.
    ///   - context: what the agent gives to all operations.
    /// - Returns: the data of the run.
    /// - Throws: ``OperationError``; what else it throws was not foreseen.
    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue
}

extension ReadOperation {
    package var canDryRun: Bool { true }

    package func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        do {
            let data = try await read(try decoded(parameters), in: context)
            return RunOutcome(state: .completed, changed: false, data: data)
        } catch let error as OperationError {
            return error.outcome(isUnchanged: true)
        }
    }
}

/// An operation that may change the host, and can say beforehand what it would do.
///
/// It works out a ``Plan`` without touching anything. A dry run ends there; else the plan is carried out. `changed` is
/// true if and only if the plan has changes and they were made.
package protocol ModifyOperation: Operation {
    /// Its parameters, with the names that its schema has in `snake_case`.
    associatedtype Parameters: Decodable & Sendable

    /// Looks at the host, and works out what is to be done so that it becomes as the parameters say.
    ///
    /// - Parameters:
    ///   - parameters: what the job says, checked, with the defaults filled in.
    ///   - context: what the agent gives to all operations.
    /// - Returns: what is to be done; nothing where the host is so already.
    /// - Throws: ``OperationError``; what else it throws was not foreseen.
    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan
}

extension ModifyOperation {
    package var canDryRun: Bool { true }

    package func run(_ parameters: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        let plan: Plan
        do {
            plan = try await self.plan(try decoded(parameters), in: context)
        } catch let error as OperationError {
            return error.outcome(isUnchanged: true)
        }
        guard plan.isChange, !context.isDryRun else {
            return RunOutcome(state: .completed, changed: plan.isChange, data: plan.told())
        }
        do {
            return RunOutcome(state: .completed, changed: true, data: plan.told(adding: try await plan.apply()))
        } catch let error as OperationError {
            return error.outcome(isUnchanged: false)
        }
    }
}

extension Operation {
    /// The parameters as a type; they fit the schema, so that only an operation that disagrees with its own schema throws.
    fileprivate func decoded<Parameters: Decodable>(_ parameters: JSONValue) throws -> Parameters {
        do {
            return try JSON.decode(Parameters.self, fromSnakeCase: parameters)
        } catch {
            throw OperationError("invalid_parameters", "\(error)", changed: false)
        }
    }
}

/// The parameters of an operation that has none.
package struct NoParameters: Decodable, Sendable {}
