// SPDX-License-Identifier: Apache-2.0

import Jobs
import ScratchHosts
import Testing

/// What `container.run` takes back, on a stand-in for an engine that fails as a test wants it.
@Suite(.enabled(if: ScratchHost.isPossible, "\(ScratchHost.obstacle ?? "")"), .timeLimit(.minutes(10)))
struct ContainerUndoTests {
    /// Answers as the Docker Engine API does; files in /tmp/engine say what is to go wrong.
    private let engine = """
        import http.server, json, os, socketserver, urllib.parse
        images, containers, count = set(), {}, 0
        def wanted(name): return os.path.exists('/tmp/engine/' + name)
        def find(key): return next((c for c in containers.values() if key in (c['Id'], c['Name'][1:])), None)
        def make(name, image, labels):
            global count
            count += 1
            c = {'Id': '%064d' % count, 'Name': '/' + name, 'Image': image, 'Config': {'Image': image, 'Labels': labels}}
            c['State'] = {'Status': 'created', 'Running': False}
            containers[c['Id']] = c
            return c
        def run(c, on): c['State'] = {'Status': 'running' if on else 'exited', 'Running': on}
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *a): pass
            def answer(self, status, value=None):
                data = b'' if value is None else json.dumps(value).encode()
                self.send_response(status); self.send_header('Content-Length', str(len(data))); self.end_headers()
                self.wfile.write(data)
            def refuse(self, status, why): self.answer(status, {'message': why})
            def do_GET(self): self.work()
            def do_POST(self): self.work()
            def do_DELETE(self): self.work()
            def work(self):
                url = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(url.query))
                parts = urllib.parse.unquote(url.path).strip('/').split('/')
                body = json.loads(self.rfile.read(int(self.headers.get('Content-Length') or 0)) or b'{}')
                if parts[:2] == ['images', 'create']:
                    images.add(query['fromImage'] + ':' + query['tag'])
                    return self.answer(200, {})
                if parts[0] == 'images':
                    name = '/'.join(parts[1:-1])
                    return self.answer(200, {'Id': name}) if name in images else self.refuse(404, 'no image')
                if parts[1] == 'json':
                    short = lambda c: {'Names': [c['Name']], 'Image': c['Image'], 'State': c['State']['Status']}
                    return self.answer(200, [short(c) for c in containers.values()])
                if parts[1] == 'create':
                    if wanted('taken'): run(make(query['name'], 'theirs', {}), True)
                    if find(query['name']): return self.refuse(409, 'the name is in use')
                    c = make(query['name'], body['Image'], body['Labels'])
                    if wanted('no-answer'): return
                    return self.answer(201, {'Id': c['Id']})
                c = find(parts[1])
                if not c: return self.refuse(404, 'no container')
                if self.command == 'DELETE':
                    if wanted('keep') and '-before-' in c['Name']: return self.refuse(500, 'it is busy')
                    del containers[c['Id']]
                    return self.answer(204)
                if parts[2] == 'json': return self.answer(200, c)
                if parts[2] == 'rename':
                    if find(query['name']): return self.refuse(409, 'the name is in use')
                    c['Name'] = '/' + query['name']
                if parts[2] == 'start' and c['Image'] == 'broken:1': return self.refuse(500, 'it does not start')
                if parts[2] in ('start', 'stop'): run(c, parts[2] == 'start')
                self.answer(204)
        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True
            def get_request(self): return self.socket.accept()[0], ('engine', 0)
        Server('/run/docker.sock', Handler).serve_forever()
        """

    private func withEngine(_ body: (ScratchHost) async throws -> Void) async throws {
        try await ScratchHost.with { host in
            try await host.shell("mkdir /tmp/engine; cat >/tmp/engine.py <<'END'\n\(engine)\nEND")
            try await host.start("exec python3 /tmp/engine.py")
            try await host.shell("for i in $(seq 600); do [ -S /run/docker.sock ] && break; sleep 0.1; done")
            try await body(host)
        }
    }

    /// The containers that there are: name, image and state.
    private func containers(on host: ScratchHost) async throws -> [String] {
        let listed = try await host.run("container.list")
        return (listed.data["containers"]?.array ?? []).map { one in
            [one["name"], one["image"], one["state"]].map { $0?.string ?? "" }.joined(separator: " ")
        }.sorted()
    }

    @Test func `a container that somebody else gives the name stays`() async throws {
        try await withEngine { host in
            try await host.shell("touch /tmp/engine/taken")
            _ = try await host.run("container.pull", ["image": "ours:1"])
            let outcome = try await host.run("container.run", ["name": "web", "image": "ours:1"])
            #expect(outcome.error?.code == "engine_failed" && outcome.changed == false, "\(outcome)")
            #expect(try await containers(on: host) == ["web theirs running"])
        }
    }

    @Test func `the one before runs again where somebody else takes its name`() async throws {
        try await withEngine { host in
            _ = try await host.run("container.run", ["name": "web", "image": "ours:1"])
            _ = try await host.run("container.pull", ["image": "ours:2"])
            try await host.shell("touch /tmp/engine/taken")
            let data: JSONValue = ["name": "web", "image": "ours:2", "replace": true]
            let outcome = try await host.run("container.run", data)
            #expect(outcome.status == "failed" && outcome.changed == nil, "\(outcome)")
            #expect(outcome.error?.message.contains("could not be taken back") == true, "\(outcome)")
            let left = try await containers(on: host)
            #expect(left.count == 2 && left.contains("web theirs running"), "\(left)")
            #expect(left.contains { $0.hasPrefix("web-before-") && $0.hasSuffix(" ours:1 running") }, "\(left)")
        }
    }

    @Test func `a container whose making was not answered is known, and goes again`() async throws {
        try await withEngine { host in
            _ = try await host.run("container.pull", ["image": "ours:1"])
            try await host.shell("touch /tmp/engine/no-answer")
            let outcome = try await host.run("container.run", ["name": "web", "image": "ours:1"])
            #expect(outcome.status == "failed" && outcome.changed == false, "\(outcome)")
            #expect(try await containers(on: host).isEmpty)
        }
    }

    @Test func `an image that has come for a container that does not start is told`() async throws {
        try await withEngine { host in
            let data: JSONValue = ["name": "web", "image": "broken:1"]
            let outcome = try await host.run("container.run", data)
            #expect(outcome.status == "failed" && outcome.changed == true, "\(outcome)")
            #expect(outcome.error?.message.contains("image") == true, "\(outcome)")
            let again = try await host.run("container.run", data)
            #expect(again.status == "failed" && again.changed == false, "\(again)")
            #expect(try await containers(on: host).isEmpty)
        }
    }

    @Test func `the one before that cannot be removed is told, and the new one runs`() async throws {
        try await withEngine { host in
            _ = try await host.run("container.run", ["name": "web", "image": "ours:1"])
            try await host.shell("touch /tmp/engine/keep")
            let data: JSONValue = ["name": "web", "image": "ours:2", "replace": true]
            let outcome = try await host.run("container.run", data)
            #expect(outcome.error?.code == "old_not_removed" && outcome.changed == true, "\(outcome)")
            let left = try await containers(on: host)
            #expect(left.count == 2 && left.contains("web ours:2 running"), "\(left)")
        }
    }
}
