// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ScratchHost {
    /// Why there can be none with systemd here; nil where there can be.
    package static let systemdObstacle: String? = {
        if let obstacle { return obstacle }
        guard FileManager.default.isExecutableFile(atPath: "/lib/systemd/systemd") else { return "needs systemd" }
        guard let group = try? makeGroup() else { return "needs control groups of version 2 that can be written" }
        removeGroup(group)
        return nil
    }()

    /// What systemd needs on top: control groups, and a few devices.
    ///
    /// The settings of the kernel can only be read, and so can its devices: those of the machine are the same.
    static let systemdMounts = """
        mount --bind /mnt/root/proc/sys /mnt/root/proc/sys
        mount -o remount,ro,bind /mnt/root/proc/sys
        mount -t sysfs -o ro sysfs /mnt/root/sys
        mount -t cgroup2 cgroup2 /mnt/root/sys/fs/cgroup
        mount -t tmpfs -o mode=0755 none /mnt/root/dev
        for name in null zero full random urandom tty; do
            touch /mnt/root/dev/$name
            mount --bind /dev/$name /mnt/root/dev/$name
        done
        mkdir /mnt/root/dev/pts /mnt/root/dev/shm
        ln -s /proc/self/fd /mnt/root/dev/fd
        mount -t devpts -o newinstance,ptmxmode=0666 devpts /mnt/root/dev/pts
        ln -s pts/ptmx /mnt/root/dev/ptmx
        mount -t tmpfs -o mode=0755 none /mnt/root/run
        rm -f /mnt/root/etc/fstab
        units=/mnt/root/etc/systemd/system
        mkdir -p $units
        for name in systemd-sysctl systemd-modules-load systemd-binfmt systemd-udevd systemd-tmpfiles-setup-dev \
            systemd-remount-fs systemd-random-seed systemd-networkd systemd-timesyncd; do
            ln -sf /dev/null $units/$name.service
        done
        printf '[Unit]\\nDescription=A scratch host\\nAllowIsolate=yes\\n' >$units/scratch.target

        """

    /// Nothing of what the machine starts is started: only what systemd itself needs.
    static let systemdStart = """
        cd /mnt/root
        mkdir -p .machine
        pivot_root . .machine
        umount -l /.machine
        echo ready
        exec env -i container=broker PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system \
            --unit=scratch.target --log-target=null --show-status=no </dev/null >/dev/null 2>&1
        """

    /// Waits until systemd has started everything.
    func waitForSystemd() async throws {
        for _ in 0..<3000 {
            let answer = try await program(["systemctl", "is-system-running"])
            if ["running\n", "degraded\n"].contains(answer.output) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw ScratchHostError(description: "systemd does not start")
    }

    /// Makes a control group for a systemd: it takes the one that it starts in for the root of all.
    static func makeGroup() throws -> String {
        let roots = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"]
        guard let root = roots.first(where: { FileManager.default.fileExists(atPath: $0 + "/cgroup.procs") }) else {
            throw ScratchHostError(description: "there are no control groups of version 2")
        }
        let group = "\(root)/broker-scratch-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: group, withIntermediateDirectories: false)
        return group
    }

    /// Removes a control group as soon as its processes are gone, with those that were made below it.
    static func removeGroup(_ group: String) {
        for _ in 0..<500 {
            let inner = FileManager.default.enumerator(atPath: group)?.compactMap { $0 as? String } ?? []
            // The deepest first; files of control groups go with their directory.
            for name in inner.sorted(by: { $0.count > $1.count }) { rmdir("\(group)/\(name)") }
            if rmdir(group) == 0 { return }
            usleep(10_000)
        }
    }
}
