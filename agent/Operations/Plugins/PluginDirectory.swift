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
        /// Why it could not.
        var failure: Failure?
    }

    /// Why a file could not be used.
    ///
    /// What kept it from telling may have passed by, and so it is asked again, less and less often.
    private struct Failure {
        /// The pause after the first time.
        static let firstPause: Duration = .seconds(10)
        static let longestPause: Duration = .seconds(1800)

        let message: String
        let pause: Duration
        let askAgainAt: ContinuousClock.Instant

        init(_ message: String, after last: Failure?, now: ContinuousClock.Instant) {
            self.message = message
            pause = last.map { min($0.pause * 2, Self.longestPause) } ?? Self.firstPause
            askAgainAt = now + pause
        }
    }

    private struct State {
        var files: [String: Known] = [:]
        var plugins: [String: PluginOperation] = [:]
        var catalogue = OperationCatalogue.builtIn
        var complaint: String?
        /// Whether all files have been asked once.
        var hasLooked = false
        var waiting: [AsyncStream<Void>.Continuation] = []

        mutating func set(_ known: Known?, for name: String) {
            files[name] = known
            update()
        }

        mutating func update() {
            let found = files.sorted { $0.key < $1.key }.compactMap(\.value.plugin)
            // Of two with one name the first stays.
            plugins = Dictionary(found.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })
            catalogue = .builtIn.adding(plugins: plugins.values.map(\.descriptor))
        }
    }

    /// How many files are asked at the same time: one that is slow holds up no other for long.
    private static let asked = 8

    private let path: String
    private let context: OperationContext
    private let patience: Duration
    private let logger: Logger
    private let state = Mutex(State())

    /// Names the directory; nothing is looked at before ``refresh()``.
    ///
    /// - Parameters:
    ///   - path: the directory.
    ///   - context: what plug-ins are asked with for their descriptions.
    ///   - patience: how long each may take for that.
    package init(path: String, context: OperationContext, patience: Duration = .seconds(10)) {
        self.path = path
        self.patience = patience
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

    /// Whether it is known what a name stands for, or that it stands for nothing: not so before all files have been asked once.
    func isKnown(_ type: String) -> Bool {
        state.withLock { $0.hasLooked || $0.plugins[type] != nil }
    }

    /// Waits until all files have been asked once.
    ///
    /// - Parameter patience: how long at most.
    package func firstLook(atMost patience: Duration) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let isOver = state.withLock { state in
            if !state.hasLooked { state.waiting.append(continuation) }
            return state.hasLooked
        }
        guard !isOver else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in stream {} }
            group.addTask { try? await Task.sleep(for: patience) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Looks at the directory, and asks what is new, has changed, or may now say what it could not, for its description.
    ///
    /// Each is used as soon as it is known, however slow others are.
    ///
    /// - Parameter now: the time.
    package func refresh(now: ContinuousClock.Instant = .now) async {
        defer { noteLook() }
        let names: [String]
        do throws(LocalFileError) {
            names = try fileNames()
            note(nil)
        } catch {
            note("\(path): \(error)")
            names = []
        }
        let files = names.compactMap { name in
            (try? FileStamp(path: "\(path)/\(name)")).flatMap { $0 }.map { (name: name, stamp: $0) }
        }
        var questions = state.withLock { state in
            let present = Set(files.map(\.name))
            state.files = state.files.filter { present.contains($0.key) }
            state.update()
            return files.filter { file in
                guard let known = state.files[file.name], known.stamp == file.stamp else { return true }
                return known.failure.map { $0.askAgainAt <= now } ?? false
            }
        }[...]
        await withTaskGroup(of: Void.self) { group in
            for question in questions.prefix(Self.asked) {
                group.addTask { await self.ask(question.name, question.stamp, now) }
            }
            questions = questions.dropFirst(Self.asked)
            while await group.next() != nil {
                guard let question = questions.popFirst() else { continue }
                group.addTask { await self.ask(question.name, question.stamp, now) }
            }
        }
    }

    /// When a file that could not be used is asked again; nil where there is none.
    package var nextQuestion: ContinuousClock.Instant? {
        state.withLock { $0.files.values.compactMap { $0.failure?.askAgainAt }.min() }
    }

    private func noteLook() {
        let waiting = state.withLock { state in
            state.hasLooked = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.finish() }
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

    /// Asks a file for its description.
    private func ask(_ name: String, _ stamp: FileStamp, _ now: ContinuousClock.Instant) async {
        let file = "\(path)/\(name)"
        let last = state.withLock { $0.files[name] }.flatMap { $0.stamp == stamp ? $0.failure : nil }
        let known: Known
        do {
            try stamp.check(file)
            var context = context
            context.deadline = .now + patience
            let plugin = try await PluginOperation(describedBy: file, stamp: stamp, in: context)
            logger.info("plug-in", metadata: ["file": "\(file)", "operation.type": "\(plugin.type)"])
            known = Known(stamp: stamp, plugin: plugin)
        } catch {
            // The end of the agent is no fault of the file.
            guard !Task.isCancelled else { return }
            let failure = Failure("\(error)", after: last, now: now)
            let isNews = last?.message != failure.message
            logger.log(
                level: isNews ? .error : .debug,
                "a plug-in cannot be used",
                metadata: [
                    "file": "\(file)", "error": "\(failure.message)",
                    "asked_again_after_ms": "\(failure.pause.wholeMilliseconds)",
                ]
            )
            known = Known(stamp: stamp, plugin: nil, failure: failure)
        }
        state.withLock { $0.set(known, for: name) }
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
