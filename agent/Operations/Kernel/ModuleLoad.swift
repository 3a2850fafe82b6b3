// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// `module.load`: a module of the kernel.
struct ModuleLoad: ModifyOperation {
    let type = "module.load"

    private static let directory = "/etc/modules-load.d"

    struct Parameters: Decodable, Sendable {
        let name: String
        let persistent: Bool
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let name = parameters.name
        let isLoaded = KernelModules.has(name)
        if !isLoaded {
            guard KernelModules.loaded() != nil else { throw KernelModules.noneError }
            try await Self.check(name, in: context)
        }
        var changes: [Plan.Change] = []
        var file: FileReplacement?
        if parameters.persistent, !Self.isNamedForStart(name) {
            guard access(Self.directory, F_OK) == 0 else {
                throw OperationError.notApplicable(
                    "this host has no '\(Self.directory)' for modules to load when it starts"
                )
            }
            file = FileReplacement("\(Self.directory)/broker-\(name).conf", text: name + "\n")
        }
        if !isLoaded { changes.append(Plan.Change("module \(name)", from: "absent", to: "loaded")) }
        if let change = try file?.change() { changes.append(change) }
        return Plan(changes, data: ["name": .string(name), "loaded": true]) { [file] in
            try await context.undoing(try file.map { [try FileUndo($0.path)] } ?? []) {
                try await file?.write(in: context)
                if !isLoaded { try await Self.load(name, in: context) }
            }
            return [:]
        }
    }

    /// Asks modprobe whether there is such a module.
    private static func check(_ name: String, in context: OperationContext) async throws {
        let answer = try await context.tool(["modprobe", "--dry-run", "--", name], ok: nil)
        guard answer.exitCode != 0 else { return }
        throw OperationError("not_found", "there is no module '\(name)' for this kernel: \(answer.complaint)")
    }

    private static func load(_ name: String, in context: OperationContext) async throws {
        _ = try await context.tool(["modprobe", "--", name])
        guard !KernelModules.has(name) else { return }
        let message = "modprobe has loaded no module '\(name)'; if that is an alias, name the module itself"
        throw OperationError("not_loaded", message)
    }

    /// Whether a file says already that the module is loaded when the host starts.
    private static func isNamedForStart(_ name: String) -> Bool {
        let files = HostListing.names(in: directory).filter { $0.hasSuffix(".conf") }.map { "\(directory)/\($0)" }
        return (files + ["/etc/modules"]).contains { path in
            (HostFile.read(path) ?? "").split(whereSeparator: \.isNewline).contains { line in
                let word = line.split(whereSeparator: \.isWhitespace).first ?? ""
                return KernelModules.plain(word) == KernelModules.plain(name)
            }
        }
    }
}
