// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `module.list`: the modules of the kernel.
struct ModuleList: ReadOperation {
    let type = "module.list"

    struct Parameters: Decodable, Sendable {
        let name: String?
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        guard var modules = KernelModules.loaded() else { throw KernelModules.noneError }
        if let name = parameters.name.map({ KernelModules.plain($0) }) {
            modules = modules.filter { $0["name"]?.string == name }
        }
        return ["modules": .array(modules)]
    }
}
