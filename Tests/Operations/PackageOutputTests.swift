// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Operations

/// What package tools write.
///
/// The texts of apt were recorded on Debian 12. Those of dnf and apk are written after their documentation and sources;
/// neither tool has run here.
struct PackageOutputTests {
    private func lines(_ text: String) -> [Substring] { text.split(whereSeparator: \.isNewline) }

    // MARK: apt

    @Test func `dpkg tells states, holds and foreign architectures`() {
        let text = """
            adduser\t3.134\tall\tii \tadd and remove users and groups
            unzip\t6.0-28\tamd64\thi \tDe-archiver for .zip files
            libc6\t2.36-9\ti386\tii \tGNU C Library
            old\t1.0\tamd64\trc \tgone
            half\t1.0\tamd64\tiF \tbroken off
            never\t\tamd64\tun \t
            """
        let packages = AptOutput.installed(lines(text), native: "amd64")
        #expect(packages.count == 5)
        #expect(packages["adduser"]?.summary == "add and remove users and groups")
        #expect(packages["unzip"]?.isHeld == true && packages["unzip"]?.isInstalled == true)
        #expect(packages["libc6:i386"]?.architecture == "i386")
        #expect(packages["old"]?.state == .configuration)
        #expect(packages["half"]?.state == .incomplete)
    }

    @Test func `a simulation tells every package`() {
        let text = """
            Reading package lists...
            Inst hello (2.10-3 Debian:12.15/oldstable [amd64])
            Inst bash [5.2.15-2+b8] (5.2.15-2+b13 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [amd64]) []
            Inst libc6:amd64 [2.36-8] (2.36-9 Debian:12 [amd64])
            Remv unzip [6.0-28]
            Purg zip [3.0-13]
            Conf hello (2.10-3 Debian:12.15/oldstable [amd64])
            """
        let changes = AptOutput.changes(lines(text), native: "amd64")
        #expect(
            changes == [
                PackageChange(name: "hello", before: nil, after: "2.10-3"),
                PackageChange(name: "bash", before: "5.2.15-2+b8", after: "5.2.15-2+b13"),
                PackageChange(name: "libc6", before: "2.36-8", after: "2.36-9"),
                PackageChange(name: "unzip", before: "6.0-28", after: nil),
                PackageChange(name: "zip", before: "3.0-13", after: nil),
            ]
        )
        let updates = AptOutput.updates(lines(text), native: "amd64")
        #expect(updates.map(\.name) == ["bash", "libc6"])
        #expect(updates.map(\.isSecurity) == [true, false])
        #expect(updates[0].origin == "Debian:12.15/oldstable, Debian-Security:12/oldstable-security")
    }

    @Test func `a policy tells the package that was asked for and no other`() {
        let text = """
            hello-traditional:
              Installed: (none)
              Candidate: 2.10-6
              Version table:
                 2.10-6 500
                    500 http://deb.debian.org/debian bookworm/main amd64 Packages
            unzip:
              Installed: 6.0-28
              Candidate: 6.0-28+deb12u1
              Version table:
                 6.0-28+deb12u1 500
                    500 http://deb.debian.org/debian-security bookworm-security/main amd64 Packages
             *** 6.0-28 500
                    500 http://deb.debian.org/debian bookworm/main amd64 Packages
                    100 /var/lib/dpkg/status
            mail-transport-agent:
              Installed: (none)
              Candidate: (none)
              Version table:
            """
        let unzip = PackageOffer(candidate: "6.0-28+deb12u1", versions: ["6.0-28+deb12u1", "6.0-28"])
        #expect(AptOutput.offer(of: "unzip", in: text, native: "amd64") == unzip)
        #expect(AptOutput.offer(of: "unzip:amd64", in: text, native: "amd64") == unzip)
        #expect(AptOutput.offer(of: "mail-transport-agent", in: text, native: "amd64") == PackageOffer())
        #expect(AptOutput.offer(of: "unz.p", in: text, native: "amd64") == nil)
    }

    // MARK: dnf

    @Test func `rpm and versionlock tell what is installed and held`() {
        let text = """
            bash\t5.2.26-3.fc40\tx86_64\tThe GNU Bourne Again shell
            openssl\t1:3.2.1-2.fc40\tx86_64\tUtilities from the library
            gpg-pubkey\ta15b79cc-63d04c2c\t(none)\tFedora public key
            """
        let held = DnfOutput.held(
            lines("bash-0:5.2.26-3.fc40.*\n# Added by 'versionlock add'\nPackage name: openssl\n")
        )
        #expect(held == ["bash", "openssl"])
        let packages = DnfOutput.installed(lines(text), held: held)
        #expect(packages.keys.sorted() == ["bash", "openssl"])
        #expect(packages["openssl"]?.version == "1:3.2.1-2.fc40" && packages["openssl"]?.isHeld == true)
    }

    @Test func `the table of a transaction of dnf tells every package, long names too`() {
        let text = """
            Dependencies resolved.
            ================================================================================
             Package              Architecture  Version                Repository      Size
            ================================================================================
            Installing:
             htop                 x86_64        3.3.0-1.fc40           updates        198 k
            Installing dependencies:
             a-package-with-a-name-that-is-too-long-for-its-column
                                  noarch        1.0-1.fc40             fedora          10 k
            Upgrading:
             bash                 x86_64        5.2.27-1.fc40          updates        1.8 M
                 replacing  bash-old.x86_64 5.1-1.fc40
            Removing unused dependencies:
             hwloc-libs           x86_64        2.10.0-3.fc40          @fedora        2.9 M

            Transaction Summary
            ================================================================================
            Install  2 Packages
            Operation aborted.
            """
        let installed = DnfOutput.installed(
            lines("bash\t5.2.26-3.fc40\tx86_64\tshell\nhwloc-libs\t2.10.0-3.fc40\tx86_64\tlibs"),
            held: []
        )
        let changes = DnfOutput.changes(lines(text), installed: installed)
        #expect(
            changes == [
                PackageChange(name: "htop", before: nil, after: "3.3.0-1.fc40"),
                PackageChange(
                    name: "a-package-with-a-name-that-is-too-long-for-its-column",
                    before: nil,
                    after: "1.0-1.fc40"
                ),
                PackageChange(name: "bash", before: "5.2.26-3.fc40", after: "5.2.27-1.fc40"),
                PackageChange(name: "hwloc-libs", before: "2.10.0-3.fc40", after: nil),
            ]
        )
        #expect(DnfOutput.changes(lines("Nothing to do.\nComplete!"), installed: installed) == nil)
        let updates = DnfOutput.updates(
            lines("bash.x86_64    5.2.27-1.fc40    updates\nObsoleting Packages\nhwloc-libs.x86_64 3 fedora"),
            installed: installed
        )
        #expect(updates.map(\.name) == ["bash"] && updates[0].candidate == "5.2.27-1.fc40")
    }

    // MARK: apk

    @Test func `apk tells what is installed, what is new and what becomes of it`() {
        let installed = ApkOutput.installed(
            lines(
                "busybox-1.36.1-r15 x86_64 {busybox} (GPL-2.0-only) [installed]\nlibcrypto3-3.1.4-r5 x86_64 {openssl} (Apache-2.0) [installed]"
            )
        )
        #expect(installed["busybox"]?.version == "1.36.1-r15" && installed["libcrypto3"]?.version == "3.1.4-r5")
        let updates = ApkOutput.updates(
            lines("curl-8.5.0-r0 x86_64 {curl} (curl) [upgradable from: curl-8.4.0-r0]")
        )
        #expect(updates == [PackageUpdate(name: "curl", version: "8.4.0-r0", candidate: "8.5.0-r0")])
        let changes = ApkOutput.changes(
            lines(
                """
                (1/4) Installing oniguruma (6.9.9-r0)
                (2/4) Upgrading curl (8.4.0-r0 -> 8.5.0-r0)
                (3/4) Purging jq (1.7.1-r0)
                (4/4) Downgrading zlib (1.3-r2 -> 1.2.13-r1)
                Executing busybox-1.36.1-r15.trigger
                OK: 12 MiB in 20 packages
                """
            )
        )
        #expect(
            changes == [
                PackageChange(name: "oniguruma", before: nil, after: "6.9.9-r0"),
                PackageChange(name: "curl", before: "8.4.0-r0", after: "8.5.0-r0"),
                PackageChange(name: "jq", before: "1.7.1-r0", after: nil),
                PackageChange(name: "zlib", before: "1.3-r2", after: "1.2.13-r1"),
            ]
        )
        let policy = "curl policy:\n  8.4.0-r0:\n    lib/apk/db/installed\n  8.5.0-r0:\n    http://example.org/main\n"
        let offer = PackageOffer(candidate: "8.5.0-r0", versions: ["8.5.0-r0", "8.4.0-r0"])
        #expect(ApkOutput.offer(of: "curl", in: lines(policy)) == offer)
        #expect(ApkOutput.offer(of: "other", in: lines(policy)) == nil)
    }
}
