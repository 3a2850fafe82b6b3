// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `host.hostname.set`: gives the host a name, now and for good.
struct HostnameSet: ModifyOperation {
    let type = "host.hostname.set"

    struct Parameters: Decodable, Sendable {
        let name: String
        let hosts: Bool
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let name = parameters.name
        let current = HostFacts.hostname
        var files: [FileReplacement] = []
        if HostnameFiles.staticName != name { files.append(FileReplacement(HostnameFiles.name, text: name + "\n")) }
        if parameters.hosts {
            let text = HostnameFiles.naming(name, in: try HostFile.text(HostnameFiles.hosts))
            files.append(FileReplacement(HostnameFiles.hosts, text: text))
        }
        var changes: [Plan.Change] = []
        var changed: [FileReplacement] = []
        for file in files {
            guard let change = try file.change() else { continue }
            changes.append(change)
            changed.append(file)
        }
        if current != name {
            changes.append(Plan.Change("hostname", from: current.map(JSONValue.string) ?? .null, to: .string(name)))
        }
        return Plan(changes, data: ["hostname": .string(name)]) { [changed] in
            let undo = try changed.map { file throws(OperationError) in try FileUndo(file.path) }
            try await context.undoing(undo, and: { _ in if let current { _ = Self.use(current) } }) {
                for file in changed { try await file.write(in: context) }
                try await Self.use(name, in: context)
            }
            return [:]
        }
    }

    private static func use(_ name: String, in context: OperationContext) async throws {
        // Its daemon tells others of the change.
        if Systemd.isBooted, context.hasTool("hostnamectl") {
            _ = try await context.tool(["hostnamectl", "set-hostname", "--", name])
        }
        let failure = use(name)
        guard failure == 0 else { throw OperationError.system("cannot name the host '\(name)'", failure) }
    }

    /// Gives the kernel the name; answers 0 or an errno.
    private static func use(_ name: String) -> Int32 {
        sethostname(name, name.utf8.count) == 0 ? 0 : errno
    }
}
