// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `cron.absent`: something that cron is not to run any more.
struct CronAbsent: ModifyOperation {
    struct Parameters: Decodable, Sendable {
        let name: String
    }

    let type = "cron.absent"

    func plan(_ parameters: Parameters, in _: OperationContext) async throws -> Plan {
        let path = "\(CronFiles.directory)/\(parameters.name)"
        let data: [String: JSONValue] = ["path": .string(path)]
        guard let state = try FileState(at: path) else { return .nothing(data) }
        guard state.kind != .directory else { throw OperationError("is_a_directory", "'\(path)' is a directory") }
        let content = state.kind == .file ? try HostFile.bytes(path) : nil
        let change = Plan.Change(
            path,
            from: ["kind": .string(state.kind.rawValue), "bytes": .int(state.size)],
            to: .null,
            diff: state.mode & 0o004 == 0 ? nil : content.map { UnifiedDiff.between(path, $0, nil) }
        )
        return Plan([change], data: data) {
            guard unlink(path) == 0 else {
                var error = OperationError.system("cannot remove '\(path)'", errno)
                error.changed = false
                throw error
            }
            return [:]
        }
    }
}
