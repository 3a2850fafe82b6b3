// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `process.list`: the processes of the host.
struct ProcessList: ReadOperation {
    let type = "process.list"

    struct Parameters: Decodable, Sendable {
        enum Order: String, Decodable {
            case pid
            case rss
            case cpu = "cpu_ms"
        }

        let name: String?
        let user: String?
        let command: String?
        let sort: Order
        let limit: Int
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        var users = UserNames()
        var found = HostProcess.all().filter { process in
            (parameters.name.map(process.isCalled) ?? true)
                && (parameters.command.map(process.command.contains) ?? true)
        }
        if let user = parameters.user { found = found.filter { $0.isOf(user, &users) } }
        switch parameters.sort {
        case .pid: break
        case .rss: found.sort { $0.rss > $1.rss }
        case .cpu: found.sort { $0.cpuMilliseconds > $1.cpuMilliseconds }
        }
        let listed = found.prefix(parameters.limit).map { $0.told(&users) }
        return [
            "processes": .array(listed), "total": .int(Int64(found.count)),
            "truncated": .bool(found.count > parameters.limit),
        ]
    }
}

extension HostProcess {
    /// Whether a user, given by name or number, runs it.
    func isOf(_ user: String, _ users: inout UserNames) -> Bool {
        users.name(of: uid) == user || "\(uid)" == user
    }
}
