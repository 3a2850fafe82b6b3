// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// In a network of its own, with loopback and a pair of interfaces.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct NetworkTests {
    private let resolver = "cat /etc/resolv.conf"

    /// A server that answers each request with a status, a header and a body.
    private let server = """
        cat >/tmp/server.py <<'END'
        import http.server, ssl, sys
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == '/moved':
                    self.send_response(302); self.send_header('Location', '/health'); self.end_headers(); return
                body = ('all is well; token ' + str(self.headers.get('X-Token'))).encode()
                self.send_response(404 if self.path == '/missing' else 200)
                self.send_header('Content-Length', str(len(body))); self.end_headers(); self.wfile.write(body)
            def log_message(self, *a): pass
        server = http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler)
        if len(sys.argv) > 2:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER); context.load_cert_chain(sys.argv[2])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.serve_forever()
        END
        """

    private func serve(_ arguments: String, on host: ScratchHost) async throws {
        try await host.start("exec python3 /tmp/server.py \(arguments)")
        let port = arguments.prefix { $0 != " " }
        try await host.shell(
            """
            for i in $(seq 600); do ss -ltn | grep -q ':\(port) ' && exit 0; sleep 0.1; done
            cat /tmp/background.log >&2; exit 1
            """
        )
    }

    @Test func `interfaces and routes are those that ip shows`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(
                """
                ip link add left type veth peer name right
                ip addr add 192.0.2.7/24 dev left; ip -6 addr add 2001:db8::7/64 dev left nodad
                ip link set left up; ip link set right up
                ip route add 198.51.100.0/25 via 192.0.2.1 metric 50
                ip route add default via 192.0.2.254; ip -6 route add default via 2001:db8::1
                """
            )
            let outcome = try await host.run("net.interfaces")
            let left = try #require(outcome.data["interfaces"]?.array?.first { $0["name"] == "left" }, "\(outcome)")
            let addresses = try #require(left["addresses"]?.array)
            #expect(addresses.contains(["address": "192.0.2.7", "prefix": 24, "family": "ipv4"]))
            #expect(addresses.contains(["address": "2001:db8::7", "prefix": 64, "family": "ipv6"]))
            let mac = try await host.shell("cat /sys/class/net/left/address")
            #expect(left["mac"]?.string.map { $0 + "\n" } == mac && left["mtu"] == 1500 && left["up"] == true)
            #expect(outcome.data["interfaces"]?.array?.first { $0["name"] == "lo" }?["loopback"] == true)

            let routes = try #require(try await host.run("net.routes").data["routes"]?.array)
            for expected: JSONValue in [
                [
                    "family": "ipv4", "destination": "0.0.0.0", "prefix": 0, "gateway": "192.0.2.254",
                    "interface": "left", "metric": 0,
                ],
                [
                    "family": "ipv4", "destination": "198.51.100.0", "prefix": 25, "gateway": "192.0.2.1",
                    "interface": "left", "metric": 50,
                ],
                [
                    "family": "ipv4", "destination": "192.0.2.0", "prefix": 24, "gateway": nil, "interface": "left",
                    "metric": 0,
                ],
                [
                    "family": "ipv6", "destination": "::", "prefix": 0, "gateway": "2001:db8::1", "interface": "left",
                    "metric": 1024,
                ],
                [
                    "family": "ipv6", "destination": "2001:db8::", "prefix": 64, "gateway": nil, "interface": "left",
                    "metric": 256,
                ],
            ] {
                #expect(routes.contains(expected), "\(expected) in \(routes)")
            }
            let theirs = try await host.shell("ip -4 route show | wc -l")
            let ours = try await host.run("net.routes", ["family": "ipv4"])
            #expect((ours.data["routes"]?.array?.count).map { "\($0)\n" } == theirs)
        }
    }

    @Test func `name servers are set, and the rest of the file stays`() async throws {
        try await ScratchHost.with { host in
            try await host.shell(
                "printf '# kept\\nnameserver 192.0.2.1\\nsearch old.example\\nsortlist x\\n' >/etc/resolv.conf"
            )
            try await host.checkApplied(
                "net.dns.set",
                ["nameservers": ["192.0.2.53", "2001:db8::53"], "options": ["timeout:1"]],
                probe: resolver
            )
            let file = try await host.shell(resolver)
            #expect(
                file == """
                    # kept
                    sortlist x
                    search old.example
                    nameserver 192.0.2.53
                    nameserver 2001:db8::53
                    options timeout:1

                    """
            )
            let told = try await host.run("net.dns.get")
            #expect(
                told.data == [
                    "nameservers": ["192.0.2.53", "2001:db8::53"], "search": ["old.example"],
                    "options": ["timeout:1"], "link": nil,
                ]
            )
        }
    }

    @Test func `a file of names that another program keeps is left alone`() async throws {
        try await ScratchHost.with { host in
            try await host.shell("rm /etc/resolv.conf; ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf")
            let outcome = try await host.run("net.dns.set", ["nameservers": ["192.0.2.53"]])
            #expect(outcome.status == "skipped" && outcome.error?.message.contains("stub-resolv.conf") == true)
            let link = try await host.shell("readlink /etc/resolv.conf")
            #expect(link == "../run/systemd/resolve/stub-resolv.conf\n")
            let wrong = try await host.run("net.dns.set", ["nameservers": ["dns.example.com"]])
            #expect(wrong.error?.code == "invalid_parameters" && wrong.changed == false)
        }
    }

    @Test(arguments: ["127.0.0.1", "::1", "localhost"])
    func `a host that is there answers`(name: String) async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            let outcome = try await host.run("net.ping", ["host": .string(name), "count": 2, "interval": 0.05])
            #expect(outcome.status == "completed" && outcome.data["received"] == 2, "\(outcome)")
            #expect(outcome.data["loss_percent"] == 0)
            let times = try #require(outcome.data["rtt_ms"])
            #expect((times["minimum"]?.number ?? -1) >= 0)
            #expect((times["minimum"]?.number ?? 9e9) <= (times["maximum"]?.number ?? 0))
        }
    }

    @Test func `a host that is not there does not answer`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(
                "ip link add left type veth peer name right; ip addr add 192.0.2.7/24 dev left; ip link set left up"
            )
            let silent = try await host.run("net.ping", ["host": "192.0.2.8", "count": 1, "reply_timeout": 0.2])
            #expect(silent.error?.code == "unreachable" && silent.data["loss_percent"] == 100, "\(silent)")
            let away = try await host.run("net.ping", ["host": "198.51.100.1", "count": 1, "reply_timeout": 0.2])
            #expect(away.error?.code == "unreachable", "\(away)")
            let option = try await host.run("net.ping", ["host": "-f"])
            #expect(option.error?.code == "invalid_parameters")
        }
    }

    @Test func `a port is open or closed, as is expected or not`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(server)
            try await serve("8080", on: host)
            let open = try await host.run("net.port.check", ["host": "127.0.0.1", "port": 8080])
            #expect(open.status == "completed" && open.data["open"] == true && open.data["address"] == "127.0.0.1")
            let closed = try await host.run("net.port.check", ["host": "127.0.0.1", "port": 8081])
            #expect(closed.error?.code == "port_closed" && closed.data["open"] == false, "\(closed)")
            #expect(closed.error?.message.contains("refused") == true)
            let wanted = try await host.run("net.port.check", ["host": "127.0.0.1", "port": 8081, "expect": "closed"])
            #expect(wanted.status == "completed")
            let unwanted = try await host.run(
                "net.port.check",
                ["host": "127.0.0.1", "port": 8080, "expect": "closed"]
            )
            #expect(unwanted.error?.code == "port_open")
            let unknown = try await host.run("net.port.check", ["host": "no.such.invalid", "port": 1])
            #expect(unknown.error?.code == "unknown_host")
        }
    }

    @Test func `a port that answers nothing is closed when the time is over`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            // Nobody is behind the other end, and packets to it are lost without a word.
            try await host.shell(
                """
                ip link add left type veth peer name right; ip addr add 192.0.2.7/24 dev left
                ip link set left up; ip link set right up
                ip neigh add 192.0.2.8 lladdr 02:00:00:00:00:01 dev left
                """
            )
            let data: JSONValue = ["host": "192.0.2.8", "port": 80, "connect_timeout": 0.3]
            let outcome = try await host.run("net.port.check", data)
            #expect(outcome.error?.code == "port_closed", "\(outcome)")
            #expect(outcome.error?.message.contains("timed out") == true, "\(outcome)")
        }
    }

    @Test func `an HTTP server is asked for status and body`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(server)
            try await serve("8080", on: host)
            let url = "http://127.0.0.1:8080/"
            let good = try await host.run(
                "net.http.check",
                [
                    "url": .string(url + "health"), "body_contains": "token a\\b \"c\"",
                    "headers": ["X-Token": "a\\b \"c\""],
                ]
            )
            #expect(good.status == "completed" && good.data["status"] == 200, "\(good)")
            #expect(good.data["address"] == "127.0.0.1" && (good.data["time_ms"]?.number ?? 0) > 0)
            let status = try await host.run("net.http.check", ["url": .string(url + "missing")])
            #expect(status.error?.code == "unexpected_status" && status.data["status"] == 404, "\(status)")
            let expected = try await host.run("net.http.check", ["url": .string(url + "missing"), "status": [404]])
            #expect(expected.status == "completed")
            let body = try await host.run("net.http.check", ["url": .string(url), "body_contains": "on fire"])
            #expect(body.error?.code == "unexpected_body")
            let moved = try await host.run("net.http.check", ["url": .string(url + "moved"), "follow": true])
            #expect(moved.data["status"] == 200, "\(moved)")
            let closed = try await host.run("net.http.check", ["url": "http://127.0.0.1:8081/"])
            #expect(closed.error?.code == "unreachable", "\(closed)")
            let date = try await host.run("net.http.check", ["url": .string(url), "certificate_days": 1])
            #expect(date.error?.code == "no_certificate")
            for wrong in ["file:///etc/passwd", "-K/etc/passwd", "http://a b/"] {
                let outcome = try await host.run("net.http.check", ["url": .string(wrong)])
                #expect(outcome.error?.code == "invalid_parameters", "\(wrong)")
            }
        }
    }

    @Test func `the certificate of a server is looked at`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell(
                server + """

                    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
                        -keyout /tmp/key -out /tmp/certificate 2>/dev/null
                    cat /tmp/key /tmp/certificate >/tmp/both
                    """
            )
            try await serve("8443 /tmp/both", on: host)
            let url = JSONValue.string("https://127.0.0.1:8443/")
            let strange = try await host.run("net.http.check", ["url": url])
            #expect(strange.error?.code == "tls_failed", "\(strange)")
            let known = try await host.run("net.http.check", ["url": url, "insecure": true, "certificate_days": 20])
            #expect(known.status == "completed" && known.data["certificate_days"] == 29, "\(known)")
            let soon = try await host.run("net.http.check", ["url": url, "insecure": true, "certificate_days": 60])
            #expect(soon.error?.code == "certificate_expires")
        }
    }

    @Test func `a host without curl is passed over`() async throws {
        try await ScratchHost.with(ownNetwork: true) { host in
            try await host.shell("rm -f /usr/bin/curl /usr/local/bin/curl")
            let outcome = try await host.run("net.http.check", ["url": "http://127.0.0.1/"])
            #expect(outcome.status == "skipped")
        }
    }
}
