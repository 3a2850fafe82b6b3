// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Jobs
import LocalFiles
import Logging
import Synchronization

/// The directory of an agent's plug-ins: executables that describe themselves and are operations like all others.
///
/// Nothing in it is run unless only root and the agent's own user can change it: the directory, and each file. What cannot be
/// used is logged once and left out; the rest works.
package final class PluginDirectory: Sendable {
    /// A file that was asked for its description.
    private struct Known {
        let stamp: FileStamp
        /// What it is; nil where it could not be used.
        let plugin: PluginOperation?
    }

    private struct State {
        var files: [String: Known] = [:]
        var plugins: [String: PluginOperation] = [:]
        var catalogue = OperationCatalogue.builtIn
        var complaint: String?
    }

    private let path: String
    private let context: OperationContext
    private let logger: Logger
    private let state = Mutex(State())

    /// Names the directory; nothing is looked at before ``refresh()``.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - context: what plug-ins are asked with for their descriptions.
    package init(path: String, context: OperationContext) {
        self.path = path
        self.context = context
        logger = context.logger
    }

    /// What the plug-ins are, by their names.
    package var descriptors: [OperationDescriptor] {
        state.withLock { $0.plugins.values.map(\.descriptor) }.sorted { $0.type < $1.type }
    }

    /// All operations of the agent with those of the plug-ins.
    package var catalogue: OperationCatalogue { state.withLock(\.catalogue) }

    /// What the agent tells of its plug-ins.
    package var fact: JSONValue? {
        var told: [JSONValue] = []
        var room = Self.toldBytes
        for descriptor in descriptors {
            guard let bytes = try? JSON.encode(descriptor), bytes.count <= room,
                let json = try? JSON.decode(JSONValue.self, from: bytes)
            else { continue }
            room -= bytes.count
            told.append(json)
        }
        return told.isEmpty ? nil : .array(told)
    }

    /// Bytes of all descriptions together that the agent tells: all facts may have 256 KiB.
    private static let toldBytes = 128 * 1024

    func operation(_ type: String) -> PluginOperation? {
        state.withLock { $0.plugins[type] }
    }

    /// Looks at the directory, and asks what is new or has changed in it for its description.
    package func refresh() async {
        let names: [String]
        do throws(LocalFileError) {
            names = try fileNames()
            note(nil)
        } catch {
            note("\(path): \(error)")
            return replace([:])
        }
        var files: [String: Known] = [:]
        for name in names {
            if let known = await look(at: "\(path)/\(name)") { files[name] = known }
        }
        replace(files)
    }

    /// The names of the files in the directory; none where there is no directory.
    private func fileNames() throws(LocalFileError) -> [String] {
        guard let stamp = try FileStamp(path: path) else { return [] }
        try stamp.checkDirectory(path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let visible = names.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.sorted()
        guard visible.count <= OperationDescriptor.maximumPlugins else {
            throw LocalFileError("it has more than \(OperationDescriptor.maximumPlugins) files")
        }
        return visible
    }

    private func look(at file: String) async -> Known? {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let stamp: FileStamp
        do throws(LocalFileError) {
            guard let found = try FileStamp(path: file) else { return nil }
            stamp = found
        } catch {
            return nil
        }
        if let known = state.withLock({ $0.files[name] }), known.stamp == stamp { return known }
        do {
            try stamp.check(file)
            let plugin = try await PluginOperation(describedBy: file, stamp: stamp, in: context)
            logger.info("plug-in", metadata: ["file": "\(file)", "operation.type": "\(plugin.type)"])
            return Known(stamp: stamp, plugin: plugin)
        } catch {
            logger.error("a plug-in cannot be used", metadata: ["file": "\(file)", "error": "\(error)"])
            return Known(stamp: stamp, plugin: nil)
        }
    }

    private func replace(_ files: [String: Known]) {
        state.withLock { state in
            state.files = files
            let plugins = files.sorted { $0.key < $1.key }.compactMap(\.value.plugin)
            // Of two with one name the first stays.
            state.plugins = Dictionary(plugins.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
            state.catalogue = .builtIn.adding(plugins: state.plugins.values.map(\.descriptor))
        }
    }

    /// Logs why the directory cannot be used, but not each time.
    private func note(_ complaint: String?) {
        let isNews = state.withLock { state in
            defer { state.complaint = complaint }
            return state.complaint != complaint
        }
        guard isNews, let complaint else { return }
        logger.error("no plug-ins are used", metadata: ["error": "\(complaint)"])
    }
}
