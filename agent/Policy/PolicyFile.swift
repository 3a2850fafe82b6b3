// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Jobs
import LocalFiles
package import Logging
import Synchronization

/// The file of a host's policy, which is looked at before each run and read again where it has changed.
///
/// Nobody but root and the agent's own user may be able to change it. A file that cannot be used, because of its owner, its
/// mode or a line that cannot be understood, allows nothing but `ping`: an agent that is not told what is forbidden must not
/// guess. So does one that was there and is gone.
package final class PolicyFile: Sendable {
    /// What holds on the host.
    package enum Condition: String, Sendable {
        /// There is no policy, and everything may run.
        case none
        /// There is one.
        case active
        /// There is one that cannot be used, and only `ping` may run.
        case broken
    }

    private enum Content {
        case none
        case policy(HostPolicy)
        case broken(String)
    }

    private struct State {
        var stamp: FileStamp?
        var content: Content?
        var wasThere = false
    }

    private let path: String
    private let user: String
    private let mustExist: Bool
    private let logger: Logger
    private let state = Mutex(State())

    /// Names the file, and reads it once, so that the log says at the start what holds.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - mustExist: whether there has to be one; without it a host without the file allows everything.
    ///   - user: the user as which the agent runs operations.
    ///   - logger: for what is read.
    package init(path: String, mustExist: Bool, user: String = PolicyFile.currentUser, logger: Logger) {
        self.path = path
        self.mustExist = mustExist
        self.user = user
        self.logger = logger
        _ = current()
    }

    /// Whether a run may begin.
    ///
    /// - Parameters:
    ///   - operation: its name.
    ///   - kind: what it is; nil for what the catalogue of every agent says.
    ///   - isDryRun: whether it touches nothing.
    ///   - submitter: who submitted the job; nil where that is not known.
    /// - Returns: the decision; a refusal names the file and the line.
    package func decide(
        operation: String,
        kind: OperationKind? = nil,
        isDryRun: Bool = false,
        submitter: String?
    ) -> PolicyDecision {
        switch current() {
        case .none: return .allowed(by: nil)
        case .policy(let policy):
            let request = PolicyRequest(
                operation: operation,
                kind: kind,
                isDryRun: isDryRun,
                user: user,
                submitter: submitter
            )
            guard case .refused(let reason) = policy.decide(request) else { return .allowed(by: nil) }
            return .refused(because: "\(path), \(reason)")
        case .broken(let reason):
            return operation == "ping"
                ? .allowed(by: nil) : .refused(because: "\(path) cannot be used, so only ping may run: \(reason)")
        }
    }

    /// What holds now.
    package var condition: Condition {
        switch current() {
        case .none: .none
        case .policy: .active
        case .broken: .broken
        }
    }

    /// The policy in a file, as an operator checks it.
    ///
    /// - Throws: ``PolicyError`` for all that would keep the agent from using it.
    package static func read(_ path: String) throws(PolicyError) -> HostPolicy {
        let text: String
        do {
            text = try LocalFile.read(path, limit: HostPolicy.maximumBytes)
        } catch {
            throw PolicyError(error)
        }
        return try HostPolicy(parsing: text)
    }

    /// The name of the user that this process is; its number where it has no name.
    package static var currentUser: String {
        let id = geteuid()
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4096) { buffer in
            guard let start = buffer.baseAddress,
                getpwuid_r(id, &entry, start, buffer.count, &result) == 0, result != nil, let name = entry.pw_name
            else { return "\(id)" }
            return String(cString: name)
        }
    }

    // MARK: Reading

    private func current() -> Content {
        state.withLock { state in
            let stamp: FileStamp?
            do throws(LocalFileError) {
                stamp = try FileStamp(path: path)
            } catch {
                return note(.broken(error.description), stamp: nil, &state)
            }
            if let content = state.content, stamp == state.stamp { return content }
            guard let stamp else {
                let isMissed = mustExist || state.wasThere
                return note(isMissed ? .broken("there is no such file") : .none, stamp: nil, &state)
            }
            state.wasThere = true
            do throws(PolicyError) {
                return note(.policy(try Self.read(path)), stamp: stamp, &state)
            } catch {
                return note(.broken(error.description), stamp: stamp, &state)
            }
        }
    }

    /// Keeps what was read, and says so once.
    private func note(_ content: Content, stamp: FileStamp?, _ state: inout sending State) -> Content {
        defer { (state.content, state.stamp) = (content, stamp) }
        switch (content, state.content) {
        case (.none, _): logger.info("no policy: every operation may run", metadata: ["path": "\(path)"])
        case (.policy(let policy), _):
            logger.notice("policy read", metadata: ["path": "\(path)", "rules": "\(policy.ruleCount)"])
        case (.broken(let reason), .broken(let last)?) where reason == last: break
        case (.broken(let reason), _):
            logger.error(
                "the policy cannot be used: only ping may run",
                metadata: ["path": "\(path)", "error": "\(reason)"]
            )
        }
        return content
    }
}
