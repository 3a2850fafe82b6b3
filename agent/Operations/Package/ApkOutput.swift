// SPDX-License-Identifier: Apache-2.0

/// Reads what apk writes.
enum ApkOutput {
    /// Parts `name-1.2-r0` into name and version; nil for what is no such text.
    static func split(_ text: Substring) -> (name: String, version: String)? {
        guard let release = text.lastIndex(of: "-"), text[release...].hasPrefix("-r"),
            let version = text[..<release].lastIndex(of: "-")
        else { return nil }
        return (String(text[..<version]), String(text[text.index(after: version)...]))
    }

    /// The packages in what `apk list --installed` wrote: `name-version architecture {origin} (licence) [installed]`.
    static func installed(_ lines: [Substring]) -> [String: InstalledPackage] {
        var packages: [String: InstalledPackage] = [:]
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let (name, version) = split(words[0]) else { continue }
            packages[name] = InstalledPackage(name: name, version: version, architecture: String(words[1]))
        }
        return packages
    }

    /// The updates in what `apk list --upgradable` wrote: `… [upgradable from: name-version]`.
    static func updates(_ lines: [Substring]) -> [PackageUpdate] {
        lines.compactMap { line in
            guard let (name, candidate) = line.split(separator: " ").first.flatMap(split),
                let sign = line.firstRange(of: "[upgradable from: "),
                let (_, version) = split(line[sign.upperBound...].prefix { $0 != "]" })
            else { return nil }
            return PackageUpdate(name: name, version: version, candidate: candidate)
        }
    }

    /// The versions in what `apk policy` wrote: `NAME policy:`, and a line `  VERSION:` each.
    static func offer(of name: String, in lines: [Substring]) -> PackageOffer? {
        guard lines.first == "\(name) policy:" else { return nil }
        let versions = lines.dropFirst().compactMap { line in
            line.hasPrefix("  ") && !line.hasPrefix("   ") && line.hasSuffix(":")
                ? String(line.dropFirst(2).dropLast()) : nil
        }
        guard !versions.isEmpty else { return nil }
        return PackageOffer(candidate: versions.last, versions: versions.reversed())
    }

    /// What becomes of packages by lines such as `(1/2) Upgrading curl (8.4.0-r0 -> 8.5.0-r0)`.
    static func changes(_ lines: [Substring]) -> [PackageChange] {
        lines.compactMap { line in
            guard line.hasPrefix("("), let open = line.lastIndex(of: "("), open != line.startIndex else { return nil }
            let words = line[..<open].split(separator: " ")
            let versions = line[line.index(after: open)...].prefix { $0 != ")" }.split(separator: " ")
            guard words.count >= 3, let first = versions.first, let last = versions.last else { return nil }
            let name = String(words[2])
            switch words[1] {
            case "Installing": return PackageChange(name: name, before: nil, after: String(first))
            case "Purging": return PackageChange(name: name, before: String(first), after: nil)
            case "Upgrading", "Downgrading":
                return PackageChange(name: name, before: String(first), after: String(last))
            default: return nil
            }
        }
    }

    /// What went wrong.
    static func error(_ result: ToolResult) -> OperationError {
        let said = (result.errors + "\n" + result.text).split(whereSeparator: \.isNewline)
            .map { $0.drop { $0 == " " } }
            .filter { $0.hasPrefix("ERROR: ") || $0.contains("(no such package)") || $0.contains("breaks:") }
            .prefix(4).joined(separator: "; ")
        let code =
            if said.contains("no such package") {
                "package_not_found"
            } else if said.contains("breaks:") || said.contains("unable to select packages") {
                "dependencies_unmet"
            } else if said.contains("database") && said.contains("lock") {
                "package_manager_locked"
            } else {
                "tool_failed"
            }
        let message = said.isEmpty ? result.complaint : String(said.prefix(600))
        return OperationError(code, "apk ended with exit code \(result.exitCode): \(message)")
    }
}
