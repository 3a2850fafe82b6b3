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
        let modules = try await Self.modules(of: name, in: context)
        let isLoaded = modules.allSatisfy { KernelModules.has($0) }
        var changes: [Plan.Change] = []
        var file: FileReplacement?
        if parameters.persistent, !([[name], modules].contains { $0.allSatisfy(Self.isNamedForStart) }) {
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
            let before = KernelModules.loadedNames()
            try await context.undoing(
                try file.map { [try FileUndo($0.path)] } ?? [],
                and: { _ in try Self.checkNothingCame(since: before) },
                {
                    try await file?.write(in: context)
                    if !isLoaded { try await Self.load(name, modules, in: context) }
                }
            )
            return [:]
        }
    }

    /// The modules of a name: itself, or those that it is an alias of.
    ///
    /// - Throws: ``OperationError`` where modprobe knows none.
    private static func modules(of name: String, in context: OperationContext) async throws -> [String] {
        if KernelModules.has(name) { return [name] }
        guard KernelModules.loaded() != nil else { throw KernelModules.noneError }
        let answer = try await context.tool(["modprobe", "--dry-run", "--", name], ok: nil)
        guard answer.exitCode == 0 else {
            throw OperationError("not_found", "there is no module '\(name)' for this kernel: \(answer.complaint)")
        }
        // The modprobe of BusyBox cannot say; there a name is that of a module.
        let found = try await context.tool(["modprobe", "--resolve-alias", "--", name], ok: nil)
        let modules = found.exitCode == 0 ? found.lines.map(String.init) : []
        return modules.isEmpty ? [name] : modules
    }

    private static func load(_ name: String, _ modules: [String], in context: OperationContext) async throws {
        _ = try await context.tool(["modprobe", "--", name])
        let missing = modules.filter { !KernelModules.has($0) }
        guard !missing.isEmpty else { return }
        let message =
            "modprobe has not loaded '\(missing.joined(separator: "', '"))'; if that is an alias, name the module"
        throw OperationError("not_loaded", message)
    }

    /// What has come for a module that could not be loaded stays: others may use it by now.
    private static func checkNothingCame(since before: Set<String>) throws(OperationError) {
        let new = KernelModules.loadedNames().subtracting(before).sorted()
        guard !new.isEmpty else { return }
        throw OperationError(
            "loaded",
            "the kernel keeps what it has loaded: \(new.joined(separator: ", "))",
            changed: true
        )
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
