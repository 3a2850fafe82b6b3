// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `process.get`: one process.
struct ProcessGet: ReadOperation {
    let type = "process.get"

    struct Parameters: Decodable, Sendable {
        let pid: Int32
    }

    func read(_ parameters: Parameters, in context: OperationContext) async throws -> JSONValue {
        let pid = parameters.pid
        guard let process = HostProcess(pid) else {
            throw OperationError("not_found", "there is no process \(pid)")
        }
        var users = UserNames()
        let files = HostListing.names(in: "/proc/\(pid)/fd")
        return [
            "process": process.told(&users),
            "executable": HostLink.destination(of: "/proc/\(pid)/exe").map(JSONValue.string) ?? .null,
            "directory": HostLink.destination(of: "/proc/\(pid)/cwd").map(JSONValue.string) ?? .null,
            "open_files": files.isEmpty ? .null : .int(Int64(files.count)),
        ]
    }
}
