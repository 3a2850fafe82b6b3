// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// What the catalogue shows, and the pages made of it, is run for real, so that nobody copies what does not work.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(15)))
struct ExampleTests {
    /// Operations whose examples are run elsewhere, and why.
    private static let elsewhere: [String: String] = [
        "host.reboot": "PowerTests, where nothing can turn the machine off",
        "host.shutdown": "PowerTests, where nothing can turn the machine off",
        "object.fetch": "ObjectTests of EndToEnd, since it needs a controller",
        "file.fetch": "ObjectTests of EndToEnd, since it needs a controller",
        "container.list": "ContainerTests, which has an engine and a registry", "container.inspect": "ContainerTests",
        "container.start": "ContainerTests", "container.stop": "ContainerTests", "container.remove": "ContainerTests",
        "container.pull": "ContainerTests", "container.run": "ContainerTests", "container.exec": "ContainerTests",
    ]

    @Test func `the examples of each operation are run, here or elsewhere`() {
        let here = ExampleHost.all.flatMap(\.types)
        #expect((here + Self.elsewhere.keys).sorted() == OperationCatalogue.builtIn.descriptors.map(\.type).sorted())
    }

    @Test(arguments: ExampleHost.all.filter { !$0.systemd })
    func `the examples of the catalogue run as they stand`(example: ExampleHost) async throws {
        try await run(example)
    }

    @Test(
        .enabled(if: ScratchHost.systemdObstacle == nil, "\(ScratchHost.systemdObstacle ?? "")"),
        arguments: ExampleHost.all.filter(\.systemd)
    )
    func `the examples of services run as they stand`(example: ExampleHost) async throws {
        try await run(example)
    }

    private func run(_ example: ExampleHost) async throws {
        try await ScratchHost.with(ownNetwork: true, systemd: example.systemd) { host in
            try await example.prepare(host)
            for type in example.types {
                if let script = example.before[type] { try await host.shell(script) }
                try await host.runExamples(of: type)
            }
        }
    }
}

/// A host on which the examples of some operations find what they need.
struct ExampleHost: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The operations, in the order in which their examples are run.
    let types: [String]
    /// Whether systemd is its first process.
    var systemd = false
    /// Scripts that are run before the examples of an operation, where those before have left something in their way.
    var before: [String: String] = [:]
    /// Sees to what the examples need.
    var prepare: @Sendable (ScratchHost) async throws -> Void = { _ in }

    static let all = [
        files, host, processes, network, modules, accounts, authorities, schedules, packages, services,
    ]

    private static let files = ExampleHost(
        testDescription: "files",
        types: [
            "file.absent", "file.block", "file.deploy", "file.directory", "file.line", "file.link", "file.stat",
            "archive.extract", "script.run", "command.shell",
        ]
    ) { host in
        try await host.shell("mkdir -p /var/cache/app /srv/app; tar -C / -czf /var/tmp/app-1.4.2.tar.gz etc/hostname")
    }

    private static let host = ExampleHost(
        testDescription: "the host",
        types: [
            "ping", "host.facts", "host.hostname.get", "host.hostname.set", "host.timezone.get", "host.timezone.set",
        ]
    )

    private static let processes = ExampleHost(
        testDescription: "processes",
        types: ["process.list", "process.get", "process.signal"]
    ) { host in
        // What a test starts may have signals blocked.
        let script = """
            import os, pwd, signal
            signal.pthread_sigmask(signal.SIG_UNBLOCK, range(1, 65))
            os.setuid(pwd.getpwnam('www-data').pw_uid)
            os.execv('/usr/local/bin/stale-worker', ['stale-worker', '600'])
            """
        try await host.shell("cp /bin/sleep /usr/local/bin/stale-worker")
        let pid = try await host.start("exec python3 -c \"\(script)\"")
        try await host.shell("until grep -q '(stale-worker)' /proc/\(pid)/stat; do sleep 0.05; done")
    }

    private static let network = ExampleHost(
        testDescription: "the network",
        types: [
            "net.interfaces", "net.routes", "net.dns.get", "net.dns.set", "net.ping", "net.port.check",
            "net.http.check", "sysctl.get", "sysctl.set",
        ]
    ) { host in
        try await host.shell("mkdir /tmp/www; touch /tmp/www/health")
        try await host.start("cd /tmp/www && exec python3 -m http.server 8080 --bind 127.0.0.1")
        try await host.shell("until ss -ltn | grep -q ':8080 '; do sleep 0.1; done")
    }

    private static let modules = ExampleHost(
        testDescription: "modules of the kernel, by a stand-in for modprobe",
        types: ["module.list", "module.load"]
    ) { host in
        try await host.shell(KernelTests.standIn)
    }

    private static let accounts = ExampleHost(
        testDescription: "accounts",
        types: [
            "group.ensure", "user.ensure", "user.get", "user.list", "user.password", "user.authorized_key.add",
            "user.authorized_key.remove", "user.absent", "group.absent",
        ]
    )

    private static let authorities = ExampleHost(
        testDescription: "authorities",
        types: ["ca.add", "ca.list", "ca.remove"]
    )

    private static let schedules = ExampleHost(
        testDescription: "schedules",
        types: ["cron.ensure", "cron.list", "cron.absent"]
    ) { host in
        // It need not run for its files to be written.
        try await host.shell(
            "mkdir -p /etc/cron.d; command -v cron || { printf '#!/bin/sh\\n' >/usr/sbin/cron; chmod 755 /usr/sbin/cron; }"
        )
    }

    /// By apt: neither dnf nor apk is here.
    private static let packages = ExampleHost(
        testDescription: "packages",
        types: [
            "package.install", "package.list", "package.get", "package.updates", "package.upgrade", "package.remove",
        ],
        // It was installed to be kept at its version.
        before: ["package.remove": "apt-mark unhold hello"]
    ) { host in
        try await PackageRepository.set(up: host)
    }

    private static let services = ExampleHost(
        testDescription: "services",
        types: [
            "service.list", "service.get", "service.start", "service.restart", "service.stop", "service.enable",
            "service.disable", "service.reload", "service.unit.deploy", "service.unit.remove", "command.exec",
            "log.query",
        ],
        systemd: true
    ) { host in
        // Units of the same names where the host has not the real ones.
        try await host.shell(
            """
            for name in cron nginx dbus; do
                systemctl cat $name.service >/dev/null 2>&1 && continue
                printf '[Service]\\nExecStart=/bin/sleep infinity\\nExecReload=/bin/true\\n[Install]\\nWantedBy=scratch.target\\n' \
                    >/etc/systemd/system/$name.service
            done
            systemctl daemon-reload
            systemctl start dbus
            touch /var/log/dpkg.log
            """
        )
    }
}
