// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// With Debian's own Podman, in a network of its own: it would else set up bridges and filters on the machine.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(20)))
struct ContainerTests {
    /// A registry that has one image under two names, of files that `podman push` has written.
    private let registry = """
        import http.server, os
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                parts = self.path.split('/')
                if self.path == '/v2/': return self.answer(b'{}', 'application/json')
                if parts[-2] == 'manifests' and parts[-3] in ('tiny', 'nginx'):
                    data = open('/tmp/image/manifest.json', 'rb').read()
                    return self.answer(data, 'application/vnd.oci.image.manifest.v1+json')
                name = '/tmp/image/' + parts[-1].split(':')[-1]
                if not os.path.exists(name): return self.send_error(404)
                self.answer(open(name, 'rb').read(), 'application/octet-stream')
            do_HEAD = do_GET
            def answer(self, data, kind):
                self.send_response(200); self.send_header('Content-Type', kind)
                self.send_header('Content-Length', str(len(data))); self.end_headers()
                if self.command == 'GET': self.wfile.write(data)
            def log_message(self, *a): pass
        http.server.ThreadingHTTPServer(('127.0.0.1', 5000), Handler).serve_forever()
        """

    /// Podman needs a directory to be in, and keeps what it works with in that of the shell.
    private let here = "cd /; unset TMPDIR"

    private func startPodman(on host: ScratchHost) async throws {
        try await host.install("podman crun conmon netavark aardvark-dns iptables busybox-static")
        try await host.shell(
            """
            cd /
            cat >/tmp/registry.py <<'END'
            \(registry)
            END
            # Read-only: crun wants to see the file system, and no group is made on the machine.
            mount -t cgroup2 none /sys/fs/cgroup && mount -o remount,bind,ro /sys/fs/cgroup || true
            mkdir -p /run/podman /etc/containers
            printf '[storage]\\ndriver="vfs"\\nrunroot="/run/containers/storage"\\ngraphroot="/tmp/containers"\\n' \
                >/etc/containers/storage.conf
            printf '[containers]\\ncgroups="disabled"\\n[engine]\\ncgroup_manager="cgroupfs"\\nevents_logger="file"\\n' \
                >/etc/containers/containers.conf
            printf '[[registry]]\\nlocation="localhost:5000"\\ninsecure=true\\n' >/etc/containers/registries.conf
            printf '[[registry]]\\nprefix="docker.io"\\nlocation="localhost:5000"\\ninsecure=true\\n' \
                >>/etc/containers/registries.conf
            cat >/tmp/start <<'END'
            ip link set lo up
            python3 /tmp/registry.py &
            exec podman system service -t 0 unix:///run/podman/podman.sock
            END
            """
        )
        try await host.start("exec unshare --net sh /tmp/start")
        try await host.shell(
            """
            unset TMPDIR
            cd /
            for i in $(seq 600); do [ -S /run/podman/podman.sock ] && break; sleep 0.1; done
            mkdir -p /tmp/files/bin; cd /tmp/files; cp /bin/busybox bin/
            for name in sh sleep echo cat id; do ln -s busybox bin/$name; done
            printf '#!/bin/sh\\n[ "$1" = -t ] && exit; trap exit TERM; sleep 600 & wait\\n' >bin/nginx; chmod 755 bin/nginx
            tar c . | podman import --change 'ENV PATH=/bin' --change 'CMD ["/bin/nginx"]' - localhost:5000/tiny:1 &&
                podman push localhost:5000/tiny:1 dir:/tmp/image
            """
        )
        let script =
            "\(here); unshare --net podman run --rm --network none localhost:5000/tiny:1 /bin/echo works"
        let probe = try await host.program(["sh", "-c", script])
        guard probe.output == "works\n" else {
            try Test.cancel("podman runs no containers here: \(probe.errors.suffix(300))")
        }
        try await host.shell("\(here); podman rmi localhost:5000/tiny:1")
    }

    private let probe = """
        cd /; unset TMPDIR; podman images -q
        podman ps -aq | xargs -r podman inspect --format '{{.Name}} {{.State.Status}} {{.Id}}'
        """

    @Test func `containers are pulled, run, looked at, replaced, stopped and removed`() async throws {
        try await ScratchHost.with { host in
            try await startPodman(on: host)
            try await pull(on: host)
            try await run(on: host)
            try await look(on: host)
            try await execute(on: host)
            try await replace(on: host)
            try await stopAndRemove(on: host)
        }
    }

    @Test func `the examples of the catalogue run as they stand`() async throws {
        try await ScratchHost.with { host in
            try await startPodman(on: host)
            try await host.shell("mkdir -p /srv/www")
            for name in ["pull", "run", "list", "inspect", "exec", "stop", "start", "remove"] {
                try await host.runExamples(of: "container.\(name)")
            }
        }
    }

    private func pull(on host: ScratchHost) async throws {
        let image: JSONValue = ["image": "localhost:5000/tiny:1"]
        let pulled = try await host.checkApplied("container.pull", image, probe: probe)
        #expect(pulled.data["image_id"]?.string?.isEmpty == false)
        let always: JSONValue = ["image": "localhost:5000/tiny:1", "always": true]
        let dry = try await host.run("container.pull", always, dryRun: true)
        #expect(dry.status == "skipped" && dry.error?.code == "no_dry_run")
        let same = try await host.run("container.pull", always)
        #expect(same.status == "completed" && same.changed == false, "\(same)")
        let missing = try await host.run("container.pull", ["image": "localhost:5000/none:1"])
        #expect(missing.error?.code == "pull_failed", "\(missing)")
        for wrong in ["-x", "../../containers/json", "a b", "a?b=c"] {
            let outcome = try await host.run("container.pull", ["image": .string(wrong)])
            #expect(outcome.error?.code == "invalid_parameters", "\(wrong)")
        }
        try await host.shell("\(here); podman rmi localhost:5000/tiny:1")
    }

    private var web: [String: JSONValue] {
        [
            "name": "web", "image": "localhost:5000/tiny:1", "command": ["/bin/sleep", "600"],
            "env": ["MY_COLOUR": "blue"], "secret_env": ["TOKEN": "open sesame"], "labels": ["site": "here"],
            "volumes": ["/etc:/host:ro"], "ports": ["127.0.0.1:8080:80"],
        ]
    }

    private func run(on host: ScratchHost) async throws {
        // It pulls the image as well.
        let outcome = try await host.checkApplied("container.run", .object(web), probe: probe)
        #expect(outcome.data["state"] == "running" && outcome.data["name"] == "web", "\(outcome)")
        #expect(!"\(outcome)".contains("sesame"))
        let variables = try await host.shell("\(here); podman exec web /bin/sh -c 'echo $MY_COLOUR $TOKEN'")
        #expect(variables == "blue open sesame\n")
        for wrong: [String: JSONValue] in [
            ["ports": ["80"]], ["ports": ["x:80"]], ["volumes": ["/a"]], ["volumes": ["../a:/b"]], ["name": "a/b"],
        ] {
            let outcome = try await host.run("container.run", .object(web.merging(wrong) { $1 }))
            #expect(outcome.error?.code == "invalid_parameters", "\(wrong)")
        }
    }

    private func look(on host: ScratchHost) async throws {
        let listed = try await host.run("container.list", ["running": true])
        let one = try #require(listed.data["containers"]?.array?.first)
        #expect(one["name"] == "web" && one["state"] == "running" && one["labels"] == ["site": "here"], "\(one)")
        #expect(one["created_at"]?.string.flatMap { Timestamp($0) } != nil)
        let told = try await host.run("container.inspect", ["container": "web"])
        #expect(told.data["command"] == ["/bin/sleep", "600"] && told.data["exit_code"] == .null, "\(told)")
        let variables = try #require(told.data["variables"]?.array)
        #expect(variables.contains("MY_COLOUR") && variables.contains("TOKEN") && !"\(told)".contains("sesame"))
        #expect(told.data["mounts"] == [["source": "/etc", "target": "/host", "writable": false]])
        let missing = try await host.run("container.inspect", ["container": "none"])
        #expect(missing.error?.code == "not_found")
    }

    private func execute(on host: ScratchHost) async throws {
        let argv: JSONValue = ["/bin/sh", "-c", "echo $A; echo oops >&2; exit 3"]
        let data: JSONValue = ["container": "web", "argv": argv, "env": ["A": "text"]]
        let outcome = try await host.run("container.exec", data)
        #expect(outcome.error?.code == "non_zero_exit" && outcome.changed == nil, "\(outcome)")
        #expect(outcome.data["stdout"] == "text\n" && outcome.data["stderr"] == "oops\n")
        #expect(outcome.data["exit_code"] == 3)
        let long: JSONValue = [
            "container": "web",
            "argv": ["/bin/sh", "-c", "i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); done"],
        ]
        let large = try await host.run("container.exec", long)
        #expect(large.status == "completed" && large.changed == true && large.data["stdout_truncated"] == true)
        let slow = try await host.run(
            "container.exec",
            ["container": "web", "argv": ["/bin/sleep", "60"], "timeout": 1]
        )
        #expect(slow.status == "timed_out", "\(slow)")
        let dry = try await host.run("container.exec", data, dryRun: true)
        #expect(dry.error?.code == "no_dry_run")
    }

    private func replace(on host: ScratchHost) async throws {
        // Without ports: Podman 4.3 keeps those of a container that it could not start.
        var other = web.merging(["env": ["MY_COLOUR": "red"], "ports": []]) { $1 }
        let refused = try await host.run("container.run", .object(other))
        #expect(refused.error?.code == "exists" && refused.changed == false, "\(refused)")
        other["replace"] = true
        try await host.checkApplied("container.run", .object(other), probe: probe)
        let colour = try await host.shell(
            "\(here); podman exec web /bin/sh -c 'echo $MY_COLOUR'; podman ps -aq | wc -l"
        )
        #expect(colour == "red\n1\n")
        // A new one that cannot start leaves the old one running.
        let before = try await host.shell(probe)
        let broken = other.merging(["command": ["/no/such/program"]]) { $1 }
        let failed = try await host.run("container.run", .object(broken))
        let after = try await host.shell(probe)
        #expect(failed.status == "failed" && failed.changed == false, "\(failed)")
        #expect(before == after)
    }

    private func stopAndRemove(on host: ScratchHost) async throws {
        let running = try await host.run("container.remove", ["container": "web"])
        #expect(running.error?.code == "is_running" && running.changed == false)
        try await host.checkApplied("container.stop", ["container": "web", "grace": 0], probe: probe)
        let exec = try await host.run("container.exec", ["container": "web", "argv": ["/bin/echo"]])
        #expect(exec.error?.code == "not_running")
        try await host.checkApplied("container.start", ["container": "web"], probe: probe)
        let data: JSONValue = ["container": "web", "force": true]
        try await host.checkApplied("container.remove", data, probe: probe)
        let left = try await host.shell("\(here); podman ps -aq | wc -l")
        #expect(left == "0\n")
        let gone = try await host.run("container.start", ["container": "web"])
        #expect(gone.error?.code == "not_found")
    }

    @Test func `a host without an engine is passed over, and one that does not answer told`() async throws {
        try await ScratchHost.with { host in
            for type in ["container.list", "container.inspect", "container.remove"] {
                let data: JSONValue = type == "container.list" ? [:] : ["container": "web"]
                let outcome = try await host.run(type, data)
                #expect(outcome.status == "skipped", "\(outcome)")
            }
            try await host.shell(
                """
                cd /
                python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/docker.sock")'
                cat >/tmp/nonsense.py <<'END'
                import socket
                s = socket.socket(socket.AF_UNIX); s.bind('/run/other.sock'); s.listen()
                while True:
                    c, _ = s.accept(); c.recv(9999); c.send(b'hello, this is no HTTP\\r\\n\\r\\n'); c.close()
                END
                """
            )
            try await host.start("exec python3 /tmp/nonsense.py")
            try await host.shell("for i in $(seq 600); do [ -S /run/other.sock ] && break; sleep 0.1; done")
            let dead = try await host.run("container.list")
            #expect(dead.status == "failed" && dead.error?.message.contains("/run/docker.sock") == true, "\(dead)")
            let nonsense = try await host.run("container.list", ["socket": "/run/other.sock"])
            #expect(nonsense.error?.code == "engine_failed", "\(nonsense)")
        }
    }
}
