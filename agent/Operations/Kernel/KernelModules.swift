// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// The modules of the running kernel.
enum KernelModules {
    /// Of a kernel without modules.
    static var noneError: OperationError { .notApplicable("the kernel of this host loads no modules") }

    /// A line of `/proc/modules`: name, size, references, users, state.
    static func module(in line: Substring) -> JSONValue? {
        let fields = line.split(separator: " ")
        guard fields.count >= 5, let size = Int64(fields[1]) else { return nil }
        let users = fields[3].split(separator: ",").filter { $0 != "-" && !$0.hasPrefix("[") }
        return [
            "name": .string(String(fields[0])), "size": .int(size), "references": .int(Int64(fields[2]) ?? 0),
            "used_by": .array(users.map { .string(String($0)) }), "state": .string(fields[4].lowercased()),
        ]
    }

    /// The modules that were loaded, by name; nil for a kernel that has none.
    static func loaded() -> [JSONValue]? {
        guard let text = HostFile.read("/proc/modules", limit: 4_194_304) else { return nil }
        let modules = text.split(separator: "\n").compactMap(module)
        return modules.sorted { ($0["name"]?.string ?? "") < ($1["name"]?.string ?? "") }
    }

    /// The names of the modules that were loaded.
    static func loadedNames() -> Set<String> { Set(loaded()?.compactMap { $0["name"]?.string } ?? []) }

    /// The name as the kernel has it: `-` and `_` are one.
    static func plain(_ name: some StringProtocol) -> String { String(name.map { $0 == "-" ? "_" : $0 }) }

    /// Whether the kernel has a module, loaded or built in.
    static func has(_ name: String) -> Bool {
        let name = plain(name)
        let isLoaded = loaded()?.contains { $0["name"]?.string == name && $0["state"] == "live" } ?? false
        return isLoaded || isBuiltIn(name)
    }

    private static func isBuiltIn(_ name: String) -> Bool {
        guard let release = HostFacts.release,
            let list = HostFile.read("/lib/modules/\(release)/modules.builtin", limit: 4_194_304)
        else { return false }
        return list.split(separator: "\n").contains { line in
            let file = line.split(separator: "/").last ?? ""
            return plain(file.prefix { $0 != "." }) == name
        }
    }
}
