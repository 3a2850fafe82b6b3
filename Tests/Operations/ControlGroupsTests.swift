// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Operations

struct ControlGroupsTests {
    private let hybrid =
        "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
        + "38 31 0:35 / /sys/fs/cgroup/unified rw,relatime shared:9 - cgroup2 cgroup2 rw\n"

    @Test(arguments: [
        ("0::/\n", "/sys/fs/cgroup/unified"), ("1:cpu:/x\n0::/a.slice/b\n", "/sys/fs/cgroup/unified/a.slice/b"),
        ("1:cpu:/x\n", nil), ("0::/../x\n", nil), ("", nil),
    ])
    func `the own group is found below the mount`(groups: String, path: String?) {
        #expect(ControlGroups.path(mounts: hybrid, groups: groups) == path)
    }

    @Test(arguments: [("0::/docker/a", "/c"), ("0::/docker/a/b", "/c/b"), ("0::/docker/ab", nil)])
    func `a mount may begin below the root of all groups`(groups: String, path: String?) {
        #expect(ControlGroups.path(mounts: "1 2 0:3 /docker/a /c rw - cgroup2 c rw", groups: groups) == path)
    }

    @Test func `without cgroup2 there is none`() {
        let mounts = "37 31 0:34 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\nnonsense\n"

        #expect(ControlGroups.path(mounts: mounts, groups: "0::/\n") == nil)
        #expect(ControlGroups(parent: nil).make() == nil)
        #expect(!ControlGroups(parent: "/proc").isAvailable)
    }

    @Test(.enabled(if: ControlGroups.own.isAvailable))
    func `a run is in a group of its own, which is gone afterwards`() async throws {
        let outcome = try await shell("grep ^0:: /proc/self/cgroup")
        let line = try #require(outcome.text("stdout")?.split(separator: "\n").first)
        let name = try #require(line.split(separator: "/").last)

        #expect(name.hasPrefix("broker-run-\(getpid())-"))
        let path = try #require(ControlGroups.own.parent) + "/" + name
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
