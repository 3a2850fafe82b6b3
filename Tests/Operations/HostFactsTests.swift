// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

struct HostFactsTests {
    @Test func `ping answers with the agent's time`() async throws {
        var context = testContext()
        context.now = { Timestamp(milliseconds: 1_795_249_800_125) }
        let outcome = try await OperationSet.builtIn.run(OperationRequest(type: "ping"), in: context)
        let refused = try await OperationSet.builtIn.run(
            OperationRequest(type: "ping", data: ["x": 1]),
            in: context
        )

        #expect(outcome.state == .completed)
        #expect(outcome.changed == false)
        #expect(outcome.data == ["pong": true, "agent_time": "2026-11-21T08:30:00.125Z"])
        #expect(refused.error == RunError(code: "invalid_parameters", message: "/x: unknown field 'x'"))
    }

    @Test func `the facts of this host are as other tools have them`() async throws {
        let outcome = try await OperationSet.builtIn.run(OperationRequest(type: "host.facts"), in: testContext())
        let facts = try #require(outcome.data)
        let release = try await exec(["uname", "-r"]).text("stdout")
        let machine = try await exec(["uname", "-m"]).text("stdout")
        let name = try await exec(["uname", "-n"]).text("stdout")

        #expect(outcome.state == .completed)
        #expect(outcome.changed == false)
        #expect(facts["release"]?.string.map { $0 + "\n" } == release)
        #expect(facts["kernel"]?["release"] == facts["release"])
        #expect(facts["architecture"]?.string.map { $0 + "\n" } == machine)
        #expect(facts["hostname"]?.string.map { $0 + "\n" } == name)
        #expect(facts["cpus"]?.int == Int64(ProcessInfo.processInfo.activeProcessorCount))
        #expect(facts["memory"]?["total"]?.int == Int64(ProcessInfo.processInfo.physicalMemory))
        #expect((facts["memory"]?["available"]?.int ?? 0) > 0)
        #expect((facts["uptime"]?.int ?? 0) > 0)
        #expect(facts["load"]?["fifteen"]?.number != nil)
        #expect(facts["disks"]?.array?.isEmpty == false)
        #expect(facts["boot_time"]?.string.flatMap { Timestamp($0) } != nil)
        #expect(facts["os"]?["id"]?.string != nil)
    }

    @Test func `files that are missing only leave their facts out`() {
        let facts = HostFacts.collect(root: "/no/such/root")

        #expect(facts["hostname"] != nil)
        #expect(facts["cpus"] != nil)
        #expect(facts["os"] == nil)
        #expect(facts["memory"] == nil)
        #expect(facts["load"] == nil)
        #expect(facts["uptime"] == nil)
        #expect(facts["machine_id"] == nil)
        #expect(facts["disks"] == [])
    }

    @Test func `files are read from the given root`() async throws {
        try await withTemporaryDirectory { root in
            try FileManager.default.createDirectory(atPath: root + "/proc", withIntermediateDirectories: false)
            try FileManager.default.createDirectory(atPath: root + "/etc", withIntermediateDirectories: false)
            let files = [
                "/proc/meminfo": "MemTotal:    2048 kB\nMemAvailable: 1024 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\nX",
                "/proc/loadavg": "0.50 0.25 2.00 1/234 567\n", "/proc/uptime": "3600.99 1.0\n",
                "/proc/stat": "cpu 1 2\nbtime 1795249800\n", "/etc/machine-id": "abc\n",
                "/etc/os-release": "# x\nID=debian\nNAME='De \"b\"'\nVERSION_ID=\"12\"\nPRETTY_NAME=\"A \\\"b\\\"\"\n",
            ]
            for (path, text) in files { try text.write(toFile: root + path, atomically: true, encoding: .utf8) }

            let facts = HostFacts.collect(root: root)

            #expect(facts["memory"] == ["total": 2_097_152, "available": 1_048_576])
            #expect(facts["swap"] == ["total": 0, "free": 0])
            #expect(facts["load"] == ["one": 0.5, "five": 0.25, "fifteen": 2.0])
            #expect(facts["uptime"] == 3600)
            #expect(facts["boot_time"] == "2026-11-21T08:30:00.000Z")
            #expect(facts["machine_id"] == "abc")
            #expect(
                facts["os"] == ["id": "debian", "name": "De \"b\"", "version": "12", "pretty_name": "A \"b\""]
            )
        }
    }

    @Test func `only local file systems are disks, each once`() {
        let file = """
            proc /proc proc rw 0 0
            /dev/sda1 / ext4 rw 0 0
            server:/x /mnt/nfs nfs4 rw 0 0
            /dev/sdb1 /mnt/my\\040disk xfs rw 0 0
            /dev/sda1 /srv/bind ext4 rw 0 0
            overlay /var/lib/c/merged overlay rw 0 0
            sshfs /mnt/f fuse.sshfs rw 0 0
            """

        #expect(DiskFacts.mounts(in: file).map(\.path) == ["/", "/mnt/my disk"])
    }

    @Test func `the number of disks is bounded`() {
        let file = (0..<200).map { "/dev/x\($0) /m\($0) ext4 rw 0 0" }.joined(separator: "\n")

        #expect(DiskFacts.mounts(in: file).count == DiskFacts.limit)
    }

    @Test(arguments: [
        ("10.0.0.1", true), ("127.0.0.1", false), ("169.254.1.1", false), ("::1", false), ("fe80::1%eth0", false),
        ("2001:db8::1", true),
    ])
    func `addresses that lead nowhere are left out`(address: String, isReachable: Bool) {
        #expect(NetworkFacts.isReachable(address) == isReachable)
    }
}
