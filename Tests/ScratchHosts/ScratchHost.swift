// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation
import Glibc
package import Jobs

/// A copy of this machine that a test may change as root, and that is gone afterwards.
///
/// Its root is an overlay over `/` whose changes stay in memory, in namespaces of mounts, processes and names of its own; a
/// process that ends with the test holds them. The kernel, the clock and, unless told otherwise, the network are those of
/// the machine.
package final class ScratchHost: Sendable {
    /// What a run came to.
    package struct Outcome: Decodable, Sendable {
        /// The terminal state, as `completed`.
        package let status: String
        /// Whether the host was changed, or would be by a dry run.
        package let changed: Bool?
        /// Why it did not go well.
        package let error: RunError?
        /// What the operation told.
        package let data: JSONValue
    }

    /// What a program wrote, and how it ended.
    package struct Answer: Sendable {
        package let exitCode: Int32
        package let output: String
        package let errors: String
    }

    /// Why there can be none here; nil where there can be.
    package static let obstacle: String? = {
        guard geteuid() == 0 else { return "needs root" }
        guard let host = try? ScratchHost(ownNetwork: false) else { return "needs namespaces and overlay file systems" }
        host.close()
        return nil
    }()

    /// Whether there can be one here.
    package static var isPossible: Bool { obstacle == nil }

    private let holder: ChildProcess
    /// What the host's first process waits for the end of.
    private let lifeline: Int32
    private let directory: URL
    private let pid: String
    /// The control group that systemd works below; nil without it.
    private let group: String?

    /// Calls `body` with a scratch host.
    ///
    /// - Parameters:
    ///   - ownNetwork: whether it has a network of its own, with loopback alone.
    ///   - systemd: whether systemd is its first process. It then has a network of its own in any case.
    ///   - body: uses it.
    /// - Returns: what `body` returns.
    /// - Throws: what `body` throws; ``ScratchHostError`` where there can be none.
    package static func with<Value>(
        ownNetwork: Bool = false,
        systemd: Bool = false,
        _ body: (ScratchHost) async throws -> Value
    ) async throws -> Value {
        let host = try ScratchHost(ownNetwork: ownNetwork || systemd, systemd: systemd)
        defer { host.close() }
        if systemd { try await host.waitForSystemd() }
        return try await body(host)
    }

    private init(ownNetwork: Bool, systemd: Bool = false) throws {
        group = systemd ? try Self.makeGroup() : nil
        directory = FileManager.default.temporaryDirectory.appending(path: "broker-scratch-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        let input = directory.appending(path: "lifeline").path
        mkfifo(input, 0o600)
        lifeline = open(input, O_RDWR | O_CLOEXEC)
        let own = (ownNetwork ? ["--net"] : []) + (systemd ? ["--cgroup"] : [])
        let namespaces = ["--mount", "--pid", "--fork", "--uts", "--ipc", "--kill-child"] + own
        let script = systemd ? Self.mounts + Self.systemdMounts + Self.systemdStart : Self.mounts + Self.start
        let join = group.map { "echo $$ >'\($0)/cgroup.procs' && " } ?? ""
        holder = try ChildProcess(
            "/bin/sh",
            ["-c", "\(join)exec unshare \"$@\"", "sh"] + namespaces + ["sh", "-c", script],
            input: input,
            output: directory.appending(path: "output").path,
            errors: directory.appending(path: "errors").path
        )
        do {
            pid = try Self.firstProcess(of: holder, directory)
        } catch {
            holder.signal(SIGKILL)
            Glibc.close(lifeline)
            try? FileManager.default.removeItem(at: directory)
            throw error
        }
    }

    /// Waits until the namespaces are made.
    ///
    /// - Returns: the number of their first process.
    private static func firstProcess(of holder: ChildProcess, _ directory: URL) throws -> String {
        let output = directory.appending(path: "output")
        while (try? String(contentsOf: output, encoding: .utf8)) != "ready\n" {
            guard holder.isRunning else {
                let errors = try? String(contentsOf: directory.appending(path: "errors"), encoding: .utf8)
                throw ScratchHostError(description: "the namespaces cannot be made: \(errors ?? "")")
            }
            usleep(10_000)
        }
        let children = try String(contentsOfFile: "/proc/\(holder.pid)/task/\(holder.pid)/children", encoding: .utf8)
        return children.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The root may lie on another file system than the programs, and mounts below it are not part of an overlay.
    private static var mounts: String {
        let programs = Program.directory.path
        return """
            set -e
            mount -t tmpfs -o mode=0755 none /mnt
            mkdir /mnt/upper /mnt/work /mnt/root
            mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
            mount -t proc proc /mnt/root/proc
            mount -t tmpfs -o mode=1777 none /mnt/root/tmp
            mkdir -p '/mnt/root\(programs)'
            mount --bind '\(programs)' '/mnt/root\(programs)'
            ip link set lo up || true

            """
    }

    /// The root is at the top of the mounts, as that of a real host: who enters the mounts of a container on it would else come
    /// out on the machine.
    private static let start = """
        mount -t sysfs sysfs /mnt/root/sys || true
        mount --rbind /dev /mnt/root/dev
        cd /mnt/root
        mkdir .machine
        pivot_root . .machine
        umount -l /.machine
        rmdir /.machine
        echo ready
        exec cat >/dev/null
        """

    private func close() {
        Glibc.close(lifeline)
        // unshare waits for its child whatever it is told, and all processes of the host end with that one.
        if let first = Int32(pid), first > 0 { kill(first, SIGKILL) }
        _ = holder.waitUntilEnded()
        try? FileManager.default.removeItem(at: directory)
        if let group { Self.removeGroup(group) }
    }

    // MARK: Using it

    /// Runs an operation there, by the agent's own program.
    ///
    /// - Parameters:
    ///   - type: the operation.
    ///   - data: its parameters.
    ///   - dryRun: whether nothing is to be touched.
    ///   - labels: the labels of the host.
    /// - Returns: the outcome.
    /// - Throws: ``ScratchHostError`` where the agent prints none.
    @discardableResult
    package func run(
        _ type: String,
        _ data: JSONValue = [:],
        dryRun: Bool = false,
        labels: [String: String] = [:]
    ) async throws -> Outcome {
        var arguments = ["\(Program.directory.path)/broker-agent", "operation", "run", type, "--data", "@-"]
        if dryRun { arguments.append("--dry-run") }
        for (name, value) in labels { arguments += ["--label", "\(name)=\(value)"] }
        let input = String(decoding: try JSON.encode(data), as: UTF8.self)
        let answer = try await program(arguments, input: input)
        guard let outcome = try? JSON.decode(Outcome.self, from: Array(answer.output.utf8)) else {
            throw ScratchHostError(description: "no outcome of \(type): \(answer.output)\(answer.errors)")
        }
        return outcome
    }

    /// Runs a script of the shell there.
    ///
    /// - Returns: what it wrote to its standard output.
    /// - Throws: ``ScratchHostError`` where it does not end with 0.
    @discardableResult
    package func shell(_ script: String) async throws -> String {
        let answer = try await program(["sh", "-c", script])
        guard answer.exitCode == 0 else {
            throw ScratchHostError(description: "exit code \(answer.exitCode) of: \(script)\n\(answer.errors)")
        }
        return answer.output
    }

    /// Runs a program there to its end.
    package func program(_ arguments: [String], input: String = "") async throws -> Answer {
        let result = try await ChildProcess.run(
            "/usr/bin/nsenter",
            ["--target", pid, "--mount", "--pid", "--uts", "--ipc", "--net", "--root", "--wd=/"]
                + (group == nil ? [] : ["--cgroup"]) + arguments,
            // A directory for temporary files that the test has may not be there.
            environment: ProcessInfo.processInfo.environment.filter { $0.key != "TMPDIR" },
            input: Data(input.utf8)
        )
        return Answer(exitCode: result.status, output: result.output, errors: result.errors)
    }
}

/// A scratch host could not be made, or something in it failed.
package struct ScratchHostError: Error, CustomStringConvertible {
    package let description: String
}
