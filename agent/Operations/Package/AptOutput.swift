// SPDX-License-Identifier: Apache-2.0

/// Reads what dpkg-query, apt-get and apt-cache write in the C locale.
enum AptOutput {
    /// What dpkg-query is asked for with.
    static let format = #"${Package}\t${Version}\t${Architecture}\t${db:Status-Abbrev}\t${binary:Summary}\n"#

    /// The packages that dpkg-query tells, by name.
    ///
    /// - Parameters:
    ///   - lines: what it wrote, in ``format``.
    ///   - native: the host's own architecture.
    /// - Returns: the packages; those of which nothing is left are not among them.
    static func installed(_ lines: [Substring], native: String) -> [String: InstalledPackage] {
        var packages: [String: InstalledPackage] = [:]
        for line in lines {
            let fields = line.split(separator: "\t", maxSplits: 4, omittingEmptySubsequences: false)
            guard fields.count == 5, let state = state(fields[3]) else { continue }
            let name = self.name(fields[0], fields[2], native)
            packages[name] = InstalledPackage(
                name: name,
                version: String(fields[1]),
                architecture: String(fields[2]),
                summary: String(fields[4]),
                state: state,
                isHeld: fields[3].hasPrefix("h")
            )
        }
        return packages
    }

    /// The second letter is the state of the package, a third one says that it is broken (dpkg-query(1)).
    private static func state(_ status: Substring) -> InstalledPackage.State? {
        switch status.dropFirst().first {
        case "i": .installed
        case "c": .configuration
        case "n", nil: nil
        default: .incomplete
        }
    }

    private static func name(_ name: Substring, _ architecture: Substring, _ native: String) -> String {
        architecture == native || architecture == "all" ? String(name) : "\(name):\(architecture)"
    }

    /// What becomes of packages by the lines `Inst`, `Remv` and `Purg` of `apt-get --simulate`.
    ///
    /// - Parameters:
    ///   - lines: what it wrote.
    ///   - native: the host's own architecture.
    /// - Returns: the changes in their order.
    static func changes(_ lines: [Substring], native: String) -> [PackageChange] {
        lines.compactMap { line in
            guard let step = Step(line) else { return nil }
            let name = step.name.hasSuffix(":\(native)") ? String(step.name.dropLast(native.count + 1)) : step.name
            return PackageChange(name: name, before: step.old, after: step.new)
        }
    }

    /// The updates by the lines `Inst` of a simulated upgrade.
    static func updates(_ lines: [Substring], native: String) -> [PackageUpdate] {
        lines.compactMap { line in
            guard let step = Step(line), let old = step.old, let new = step.new else { return nil }
            let name = step.name.hasSuffix(":\(native)") ? String(step.name.dropLast(native.count + 1)) : step.name
            // Debian's suite is `bookworm-security`, that of Ubuntu `jammy-security`.
            let isSecurity = step.origin.contains("-security") || step.origin.contains("Debian-Security:")
            return PackageUpdate(name: name, version: old, candidate: new, origin: step.origin, isSecurity: isSecurity)
        }
    }

    /// `Inst NAME [OLD] (NEW ORIGIN [ARCHITECTURE]) [BROKEN …]`, `Remv NAME [OLD]`, `Purg NAME [OLD]`.
    private struct Step {
        let name: String
        var old: String?
        var new: String?
        var origin = ""

        init?(_ line: Substring) {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count > 1, ["Inst", "Remv", "Purg"].contains(words[0]) else { return nil }
            name = String(words[1])
            var rest = words.count > 2 ? words[2] : ""
            if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
                old = String(rest[rest.index(after: rest.startIndex)..<end])
                rest = rest[rest.index(after: end)...].drop { $0 == " " }
            }
            guard words[0] == "Inst" else { return }
            guard rest.hasPrefix("("), let end = rest.firstIndex(of: ")") else { return nil }
            let source = rest[rest.index(after: rest.startIndex)..<end].split(separator: " ", maxSplits: 1)
            new = source.first.map(String.init)
            origin = source.count > 1 ? String(source[1].prefix { $0 != "[" }.dropLast()) : ""
        }
    }

    /// What `apt-cache policy` says of the package `name`, and of no other that it found.
    static func offer(of name: String, in text: String, native: String) -> PackageOffer? {
        let wanted = name.hasSuffix(":\(native)") ? String(name.dropLast(native.count + 1)) : name
        var offer: PackageOffer?
        for line in text.split(whereSeparator: \.isNewline) {
            if !line.hasPrefix(" ") {
                if offer != nil { break }
                if line == "\(wanted):" { offer = PackageOffer() }
                continue
            }
            guard offer != nil else { continue }
            let words = line.split(separator: " ")
            if words.first == "Candidate:", words.count > 1, words[1] != "(none)" {
                offer?.candidate = String(words[1])
            } else if line.hasPrefix(" *** ") || line.hasPrefix("     ") && !line.hasPrefix("      ") {
                if let version = words.first(where: { $0 != "***" }) { offer?.versions.append(String(version)) }
            }
        }
        return offer
    }

    /// What went wrong, by the lines that begin with `E:`.
    static func error(_ result: ToolResult) -> OperationError {
        let complaints = (result.errors + "\n" + result.text).split(whereSeparator: \.isNewline)
            .filter { $0.hasPrefix("E: ") || $0.hasPrefix("dpkg: error") }
            .map { $0.hasPrefix("E: ") ? $0.dropFirst(3) : $0 }
        let said = complaints.prefix(4).joined(separator: "; ")
        let (code, advice) = codes.first { said.contains($0.sign) }.map { ($0.code, $0.advice) } ?? ("tool_failed", "")
        let message = said.isEmpty ? result.complaint : String(said.prefix(600))
        return OperationError(code, "apt ended with exit code \(result.exitCode): \(message)\(advice)")
    }

    private static let codes: [(sign: String, code: String, advice: String)] = [
        ("Could not get lock", "package_manager_locked", "; another process uses it, try again or raise lock_timeout"),
        ("Unable to acquire the dpkg frontend lock", "package_manager_locked", "; raise lock_timeout"),
        ("Unable to locate package", "package_not_found", "; is the index fresh (refresh)?"),
        ("has no installation candidate", "package_not_found", ""),
        ("was not found", "version_not_found", "; package.get tells the versions that there are"),
        ("Held packages were changed", "package_held", "; let go of it with package.install and hold: false"),
        ("Packages were downgraded", "downgrade_refused", "; say allow_downgrade"),
        ("but remove is disabled", "removal_refused", "; say allow_removals"),
        ("ssential packages were removed", "essential_package", ""),
        ("dpkg was interrupted", "package_system_broken", "; run 'dpkg --configure -a' on the host"),
        ("Unmet dependencies", "package_system_broken", "; run 'apt-get --fix-broken install' on the host"),
        ("Unable to correct problems", "dependencies_unmet", ""),
        ("Failed to fetch", "fetch_failed", ""),
        ("Unable to fetch", "fetch_failed", ""),
        ("enough free space", "no_space", ""),
    ]
}
