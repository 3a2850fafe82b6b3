// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc

/// A program that this one has started.
struct ChildProcess: Sendable {
    /// Its number.
    let pid: pid_t

    /// Starts a program; what it says is added to the file `log`.
    init(_ program: String, _ arguments: [String], log: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var texts: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        texts.append(nil)
        defer { for text in texts { free(text) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, program, &actions, nil, texts, environ)
        guard result == 0 else { throw BenchError("\(program): \(String(cString: strerror(result)))") }
        self.pid = pid
    }

    /// Whether it still runs.
    var isRunning: Bool {
        var status: Int32 = 0
        return waitpid(pid, &status, WNOHANG) == 0
    }

    /// Asks it to end; makes it end where that takes too long, or where there is no time to wait.
    func stop(within limit: Duration = .seconds(30)) async {
        kill(pid, SIGTERM)
        let giveUp = ContinuousClock.now + limit
        while isRunning {
            do {
                guard ContinuousClock.now < giveUp else { throw CancellationError() }
                try await Task.sleep(for: .milliseconds(20))
            } catch {
                kill(pid, SIGKILL)
                var status: Int32 = 0
                waitpid(pid, &status, 0)
                return
            }
        }
    }

    /// Asks programs to end, all at the same time.
    static func stop(_ processes: [ChildProcess]) async {
        await withDiscardingTaskGroup { group in
            for process in processes { group.addTask { await process.stop() } }
        }
    }

    /// The directory of this program, where those it starts are as well.
    static func sibling(_ name: String) throws -> String {
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let sibling = (path.split(separator: "/").dropLast() + [Substring(name)]).joined(separator: "/")
        guard access("/" + sibling, X_OK) == 0 else {
            throw BenchError("/\(sibling) is missing: the controller is started from beside this program")
        }
        return "/" + sibling
    }
}
