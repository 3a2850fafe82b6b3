// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import FoundationEssentials
import Glibc
import Settings

/// Brings the settings together: flags, then environment, then file.
package struct SettingsLoader: Sendable {
    /// The settings, and what to tell the user about them.
    package struct Result: Hashable, Sendable {
        /// The settings.
        package let settings: Settings
        /// Sentences for stderr.
        package let warnings: [String]
        /// Where URL and CA file are from.
        package let origins: SettingsOrigins
    }

    private let environment: [String: String]

    /// Makes a loader for an environment.
    package init(environment: [String: String]) {
        self.environment = environment
    }

    /// Brings the settings together.
    ///
    /// - Parameters:
    ///   - flags: what the command line has.
    ///   - path: the file that the command line names; nil for the usual place, where a missing file is no fault.
    /// - Returns: the settings, and what to tell the user about them.
    /// - Throws: ``UsageError`` for a file that cannot be read.
    package func load(flags: Settings, path: String?) throws(UsageError) -> Result {
        let variables = Settings(environment: environment)
        let given = flags.orElse(variables)
        let file = path ?? Settings.defaultPath(environment: environment)
        var stored: Settings?
        if let file { stored = try settings(in: file, isNamed: path != nil) }
        let all = given.orElse(stored ?? Settings())
        var warnings = all.warnings
        if let file, stored?.key != nil, isReadByOthers(file) {
            warnings.append("\(file) holds an API key and others can read it: chmod 600 \(file)")
        }
        let origins = SettingsOrigins(flags: flags, variables: variables, stored: stored, file: file)
        return Result(settings: all, warnings: warnings, origins: origins)
    }

    /// The settings of a file; nil for a missing file that nobody named.
    private func settings(in file: String, isNamed: Bool) throws(UsageError) -> Settings? {
        if !isNamed, !FileManager.default.fileExists(atPath: file) { return nil }
        if let reason = whyUnreadable(file) {
            throw UsageError("cannot read the configuration file \(file): \(reason)")
        }
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw UsageError("cannot read the configuration file \(file)")
        }
        var settings = try Self.settings(Array(bytes), path: file)
        settings.caFile = settings.caFile.map { place(of: $0, in: file) }
        return settings
    }

    /// The path of a file that a configuration file names: `~/` is the home, and the rest is seen from that file.
    private func place(of path: String, in file: String) -> String {
        if path.hasPrefix("~/"), let home = environment["HOME"], !home.isEmpty { return home + path.dropFirst() }
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }

    private static func settings(_ bytes: [UInt8], path: String) throws(UsageError) -> Settings {
        let file: SettingsFile
        do throws(SettingsError) {
            file = try SettingsFile(bytes: bytes, path: path, known: ["url", "key", "ca_file"])
        } catch {
            throw UsageError(error.message)
        }
        func text(_ name: String) throws(UsageError) -> String? {
            switch file.values[name] {
            case .text(let text) where !text.isEmpty: return text
            case .text, .list: throw UsageError("\(path): '\(name)' takes a text")
            case nil: return nil
            }
        }
        return Settings(url: try text("url"), key: try text("key"), caFile: try text("ca_file"))
    }

    private func isReadByOthers(_ file: String) -> Bool {
        var status = stat()
        return stat(file, &status) == 0 && status.st_mode & (S_IRGRP | S_IROTH) != 0
    }
}
