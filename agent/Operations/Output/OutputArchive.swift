// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
package import Jobs
package import Logging
import Synchronization

/// Keeps, for a while, the whole of outputs of which a run's data has only the beginning and the end.
///
/// Each is a file in a directory that only the agent's user can read. What is kept is bounded for each output, and in all: where
/// there is no more room, the oldest go first, but none that is being written; what has no room even so is kept as far as it
/// has. All of it is best effort: a run never fails for it.
package final class OutputArchive: Sendable {
    /// How much is kept, and for how long.
    package struct Limits: Hashable, Sendable {
        /// Bytes of one output, its beginning.
        package var outputBytes = 64 * 1024 * 1024
        /// Bytes in all.
        package var totalBytes = 1024 * 1024 * 1024
        /// For how long after the last byte.
        package var retention: Duration = .seconds(86_400)

        /// The defaults.
        package init() {}
    }

    private struct Entry {
        var size: Int
        var writtenAt: Timestamp
        var isOpen: Bool
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var used = 0
    }

    private let directory: String
    private let limits: Limits
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let state: Mutex<State>

    /// Opens a directory, or makes it, and finds in it what an earlier start has kept.
    ///
    /// - Parameters:
    ///   - directory: where the files are; the directory above it is there.
    ///   - limits: how much is kept.
    ///   - now: the time of day.
    ///   - logger: for what cannot be kept.
    package init(
        directory: String,
        limits: Limits = Limits(),
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        logger: Logger
    ) {
        self.directory = directory
        self.limits = limits
        self.now = now
        self.logger = logger
        // Where there is one already, it is made as private as a new one.
        if mkdir(directory, 0o700) != 0, errno != EEXIST || chmod(directory, 0o700) != 0 {
            let reason = SystemError.reason(errno)
            logger.warning("output beyond the limits of runs is not kept", metadata: ["error": "\(reason)"])
        }
        state = Mutex(Self.found(in: directory))
        prune()
    }

    private static func found(in directory: String) -> State {
        var state = State()
        for name in (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? [] {
            var status = stat()
            guard lstat("\(directory)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let milliseconds = Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000
            state.entries[name] = Entry(
                size: Int(status.st_size),
                writtenAt: Timestamp(milliseconds: milliseconds),
                isOpen: false
            )
            state.used += Int(status.st_size)
        }
        return state
    }

    /// What is kept of the outputs of one execution.
    ///
    /// - Parameters:
    ///   - jobID: the job.
    ///   - attempt: which execution.
    /// - Returns: where they are written.
    package func outputs(of jobID: JobID, attempt: Int) -> RunOutputs {
        RunOutputs(archive: self, name: Self.name(jobID, attempt))
    }

    /// Opens what is kept of an output; nil where nothing is.
    ///
    /// - Parameters:
    ///   - stream: which of the two.
    ///   - jobID: the job.
    ///   - attempt: which execution.
    /// - Returns: the output as it is now.
    package func open(_ stream: RunOutput.Stream, of jobID: JobID, attempt: Int) -> KeptOutput? {
        KeptOutput(path: "\(directory)/\(Self.name(jobID, attempt)).\(stream.rawValue)")
    }

    /// Removes what was kept for long enough.
    package func prune() {
        let limit = now() + (.zero - limits.retention)
        state.withLock { state in
            for (name, entry) in state.entries where !entry.isOpen && entry.writtenAt < limit {
                remove(name, &state)
            }
        }
    }

    private static func name(_ jobID: JobID, _ attempt: Int) -> String { "\(jobID)-\(attempt)" }

    private func remove(_ name: String, _ state: inout State) {
        guard let entry = state.entries[name] else { return }
        guard unlink("\(directory)/\(name)") == 0 || errno == ENOENT else { return }
        state.entries[name] = nil
        state.used -= entry.size
    }

    // MARK: For what is written

    /// Makes the file of an output; nil where that cannot be done.
    func create(_ name: String) -> Int32? {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC
        let descriptor = Glibc.open("\(directory)/\(name)", flags, 0o600)
        guard descriptor >= 0 else {
            let reason = SystemError.reason(errno)
            logger.warning("an output cannot be kept", metadata: ["file": "\(name)", "error": "\(reason)"])
            return nil
        }
        state.withLock { state in
            state.used -= state.entries[name]?.size ?? 0
            state.entries[name] = Entry(size: 0, writtenAt: now(), isOpen: true)
        }
        return descriptor
    }

    /// Makes room for bytes of an output that is being written.
    ///
    /// - Parameters:
    ///   - count: how many are wanted.
    ///   - name: the file.
    /// - Returns: how many there is room for.
    func reserve(_ count: Int, for name: String) -> Int {
        state.withLock { state in
            guard let entry = state.entries[name] else { return 0 }
            let count = min(count, limits.outputBytes - entry.size)
            if state.used + count > limits.totalBytes {
                let old = state.entries.filter { !$0.value.isOpen }.sorted { $0.value.writtenAt < $1.value.writtenAt }
                for (name, _) in old where state.used + count > limits.totalBytes { remove(name, &state) }
            }
            let granted = max(0, min(count, limits.totalBytes - state.used))
            state.entries[name]?.size += granted
            state.used += granted
            return granted
        }
    }

    /// Notes that an output is written no more.
    ///
    /// - Parameters:
    ///   - name: the file.
    ///   - size: how many bytes it has.
    func close(_ name: String, size: Int) {
        state.withLock { state in
            guard let entry = state.entries[name] else { return }
            state.used += size - entry.size
            state.entries[name] = Entry(size: size, writtenAt: now(), isOpen: false)
        }
    }
}
