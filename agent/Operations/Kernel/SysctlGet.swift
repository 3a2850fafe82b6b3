// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `sysctl.get`: settings of the kernel.
struct SysctlGet: ReadOperation {
    let type = "sysctl.get"

    struct Parameters: Decodable, Sendable {
        let keys: [String]
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        var values: [String: JSONValue] = [:]
        for name in parameters.keys {
            values[name] = try SysctlKey(name)?.value().map(JSONValue.string) ?? .null
        }
        return ["values": .object(values)]
    }
}
