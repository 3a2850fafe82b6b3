// SPDX-License-Identifier: Apache-2.0

/// Reads what rpm and dnf (4 and 5) write in the C locale.
enum DnfOutput {
    /// What rpm is asked for with.
    static let format = #"%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SUMMARY}\n"#
    /// What `dnf repoquery` is asked for with; dnf 4 adds a line end of its own.
    static let queryFormat = #"%{name}\t%{evr}\t%{arch}\n"#

    /// The packages that rpm tells, by name; of several versions of one package, such as kernels, the last stays.
    ///
    /// - Parameters:
    ///   - lines: what it wrote, in ``format``.
    ///   - held: the names of those that are held.
    /// - Returns: the packages.
    static func installed(_ lines: [Substring], held: Set<String>) -> [String: InstalledPackage] {
        var packages: [String: InstalledPackage] = [:]
        for line in lines {
            let fields = line.split(separator: "\t", maxSplits: 3, omittingEmptySubsequences: false)
            guard fields.count == 4, fields[0] != "gpg-pubkey" else { continue }
            let name = String(fields[0])
            packages[name] = InstalledPackage(
                name: name,
                version: String(fields[1]),
                architecture: String(fields[2]),
                summary: String(fields[3]),
                isHeld: held.contains(name)
            )
        }
        return packages
    }

    /// The names of the packages in `dnf versionlock list`: `name-epoch:version-release.*` of dnf 4, and
    /// `Package name: NAME` of dnf 5.
    static func held(_ lines: [Substring]) -> Set<String> {
        Set(
            lines.compactMap { line in
                if line.hasPrefix("Package name: ") { return String(line.dropFirst("Package name: ".count)) }
                guard !line.hasPrefix("#"), !line.contains(" ") else { return nil }
                return splitName(line.hasPrefix("!") ? line.dropFirst() : line).map { String($0.name) }
            }
        )
    }

    /// Parts `name-epoch:version-release` before its last two hyphens.
    private static func splitName(_ text: Substring) -> (name: Substring, version: Substring)? {
        guard let release = text.lastIndex(of: "-"), let version = text[..<release].lastIndex(of: "-") else {
            return nil
        }
        return (text[..<version], text[text.index(after: version)...])
    }

    /// The updates in what `dnf check-update` wrote: lines `name.architecture version repository`, up to those that are
    /// replaced by others.
    static func updates(_ lines: [Substring], installed: [String: InstalledPackage]) -> [PackageUpdate] {
        lines.prefix { !$0.hasPrefix("Obsoleting") }.compactMap { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let dot = words[0].lastIndex(of: "."),
                let old = installed[String(words[0][..<dot])]
            else { return nil }
            return PackageUpdate(
                name: old.name,
                version: old.version,
                candidate: String(words[1]),
                origin: String(words[2])
            )
        }
    }

    /// What becomes of packages by the table of a transaction.
    ///
    /// Below a heading such as `Installing dependencies:` stands a package a line, `name architecture version repository
    /// size`; a long name has a line of its own.
    ///
    /// - Parameters:
    ///   - lines: what dnf wrote.
    ///   - installed: what there is, for the versions before.
    /// - Returns: the changes; nil where there is no such table.
    static func changes(_ lines: [Substring], installed: [String: InstalledPackage]) -> [PackageChange]? {
        var isGoing: Bool?
        var changes: [PackageChange] = []
        var name: String?
        var hasTable = false
        for line in lines {
            if line.hasPrefix("Transaction Summary") { break }
            if line.hasPrefix("Installing") || line.hasPrefix("Upgrading") || line.hasPrefix("Downgrading") {
                (isGoing, hasTable) = (false, true)
            } else if line.hasPrefix("Removing") {
                (isGoing, hasTable) = (true, true)
            } else if !line.hasPrefix(" ") {
                isGoing = nil
            } else if let isGoing {
                var words = line.split(separator: " ").map(String.init)
                // "replacing  old.x86_64 1.0" tells of a package that goes with the one above it.
                guard words.first != "replacing" else { continue }
                if words.count == 1 {
                    name = words[0]
                    continue
                }
                if let first = name { words.insert(first, at: 0) }
                name = nil
                guard words.count > 3 else { continue }
                let before = installed[words[0]]?.version
                changes.append(PackageChange(name: words[0], before: before, after: isGoing ? nil : words[2]))
            }
        }
        return hasTable ? changes : nil
    }

    /// What went wrong.
    static func error(_ result: ToolResult) -> OperationError {
        let said = (result.errors + "\n" + result.text).split(whereSeparator: \.isNewline)
            .filter {
                $0.hasPrefix("Error") || $0.hasPrefix("No match") || $0.hasPrefix(" Problem") || $0.hasPrefix("  - ")
            }
            .prefix(4).joined(separator: "; ")
        let code = codes.first { said.contains($0.sign) }?.code ?? "tool_failed"
        let message = said.isEmpty ? result.complaint : String(said.prefix(600))
        return OperationError(code, "dnf ended with exit code \(result.exitCode): \(message)")
    }

    private static let codes: [(sign: String, code: String)] = [
        ("No match for argument", "package_not_found"), ("Unable to find a match", "package_not_found"),
        ("protected packages", "essential_package"), ("Problem", "dependencies_unmet"),
        ("Failed to download", "fetch_failed"), ("Cannot download", "fetch_failed"),
        ("needs", "no_space"),
    ]
}
