// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation

/// A network namespace with a name of its own for each process and use; it has its loopback and nothing else.
final class NetworkNamespace: Sendable {
    let name: String
    private let ip: SystemProgram

    private static let start = "broker-test-"

    /// Makes one.
    ///
    /// - Throws: ``DeploymentError`` where that is refused, as it is to anybody but root.
    init(_ purpose: String) throws {
        guard let ip = SystemProgram("ip") else { throw DeploymentError("there is no 'ip' (Debian: iproute2)") }
        self.ip = ip
        name = "\(Self.start)\(getpid())-\(purpose)-\(UInt32.random(in: 0...0xFFFF))"
        try ip.run(["netns", "add", name])
        do {
            try configure("link", "set", "lo", "up")
        } catch {
            end()
            throw error
        }
    }

    /// What is put before a command line to run it in here; the program keeps the number of the process.
    var prefix: [String] { [ip.path, "netns", "exec", name] }

    /// Runs `ip` on it.
    @discardableResult
    func configure(_ words: String...) throws -> String { try ip.run(["-n", name] + words) }

    /// Runs a program of the system in it.
    @discardableResult
    func run(_ program: SystemProgram, _ words: [String]) throws -> String {
        try ip.run(["netns", "exec", name, program.path] + words)
    }

    /// Moves the thread that calls it into the namespace; answers false where that fails.
    func enter() -> Bool {
        let descriptor = open("/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // The second says that it must be a network namespace (CLONE_NEWNET).
        return Self.setns?(descriptor, 0x4000_0000) == 0
    }

    /// Of libc; Swift's module of it leaves it out.
    private static let setns = dlsym(nil, "setns").map {
        unsafeBitCast($0, to: (@convention(c) (CInt, CInt) -> CInt).self)
    }

    /// Removes it, and the links of it; whoever still runs in it has no network any more.
    func end() {
        _ = try? ip.run(["netns", "del", name])
    }

    /// Removes those of test processes that ended without doing so.
    static func sweep() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/run/netns")) ?? []
        for name in names where name.hasPrefix(start) {
            let pid = name.dropFirst(start.count).prefix { $0.isNumber }
            guard let pid = pid_t(pid), kill(pid, 0) != 0, errno == ESRCH else { continue }
            _ = try? SystemProgram("ip")?.run(["netns", "del", name])
        }
    }
}
