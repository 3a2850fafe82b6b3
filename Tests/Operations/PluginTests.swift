// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

/// Executables of the host as operations.
struct PluginTests {
    /// A directory with a plug-in `test.one` whose `run` is `script`, which finds the request in `$request`.
    private func withPlugin(
        _ script: String,
        kind: String = "modify",
        dryRun: Bool = false,
        _ body: (String, PluginDirectory) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let description = """
                {"type": "test.one", "kind": "\(kind)", "summary": "a test", "dry_run": \(dryRun), "limit_ms": 20000,
                 "schema": {"type": "object", "properties": {"n": {"type": "integer", "default": 7}}}}
                """
            try write(
                "case $1 in describe) cat <<'E'\n\(description)\nE\n;; run) read -r request; \(script)\n;; esac",
                to: "\(directory)/one"
            )
            let plugins = PluginDirectory(path: directory, context: testContext())
            await plugins.refresh()
            try await body(directory, plugins)
        }
    }

    private func write(_ script: String, to file: String) throws {
        try "#!/bin/sh\n\(script)\n".write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }

    private func run(
        _ plugins: PluginDirectory,
        _ data: JSONValue = [:],
        in context: OperationContext = testContext()
    ) async throws -> RunOutcome {
        try await OperationSet.builtIn.adding(plugins).run(OperationRequest(type: "test.one", data: data), in: context)
    }

    @Test func `a plug-in is described in the catalogue and gets its parameters with defaults`() async throws {
        try await withPlugin(#"echo '{"changed": true, "data": {"got": '"$request"'}}'"#) { _, plugins in
            let descriptor = try #require(plugins.catalogue["test.one"])
            let outcome = try await run(plugins)

            #expect(descriptor.kind == .modify && descriptor.limitMs == 20_000 && !descriptor.dryRun)
            #expect(outcome.state == .completed && outcome.changed == true)
            #expect(outcome.data?["got"]?["data"] == ["n": 7])
            #expect(outcome.data?["got"]?["operation"] == "test.one")
            #expect(outcome.data?["got"]?["facts"]?["cpus"] != nil)
        }
    }

    @Test func `lines of progress are told, and the error and the reason to skip of a plug-in are those of the run`()
        async throws
    {
        let failing = #"""
            echo '{"progress": "half"}'; echo '{"changed": true, "error": {"code": "e", "message": "m"}}'; exit 3
            """#
        try await withPlugin(failing) { _, plugins in
            let outcome = try await run(plugins)
            #expect(outcome.state == .failed && outcome.changed == true)
            #expect(outcome.error == RunError(code: "e", message: "m"))
            #expect(outcome.data == ["progress": ["half"]])
        }
        try await withPlugin(#"echo '{"skipped": "no such thing here"}'"#) { _, plugins in
            let outcome = try await run(plugins)
            #expect(outcome.state == .skipped && outcome.error?.message == "no such thing here")
        }
    }

    @Test(arguments: [
        ("echo nonsense", "plugin_invalid"), ("true", "plugin_failed"), ("echo oh >&2; exit 4", "plugin_failed"),
        (#"echo '{"chnaged": true}'"#, "plugin_invalid"), (#"echo '{"changed": true}'; exit 1"#, "plugin_failed"),
        ("kill -9 $$", "tool_failed"),
    ])
    func `a plug-in that does not answer as it should fails the run`(_ script: String, _ code: String) async throws {
        try await withPlugin(script) { _, plugins in
            let outcome = try await run(plugins)
            #expect(outcome.state == .failed && outcome.error?.code == code, "\(outcome)")
            #expect(outcome.changed != false)
        }
    }

    @Test func `one that only looks never changes anything, and one that cannot do dry runs is skipped in them`()
        async throws
    {
        var context = testContext()
        context.isDryRun = true
        try await withPlugin(#"echo '{"changed": true}'"#, kind: "read") { _, plugins in
            let real = try await run(plugins)
            let dry = try await run(plugins, in: context)
            #expect(real.changed == false)
            #expect(dry.state == .completed)
        }
        try await withPlugin("echo no >&2; exit 1") { _, plugins in
            let dry = try await run(plugins, in: context)
            #expect(dry.error?.code == "no_dry_run")
        }
        try await withPlugin(#"case $request in *'"dry_run":true'*) echo '{"changed": true}';; esac"#, dryRun: true) {
            _,
            plugins in
            let dry = try await run(plugins, in: context)
            #expect(dry.changed == true)
        }
    }

    @Test func `parameters that do not fit its schema never reach it`() async throws {
        try await withPlugin("touch /nonexistent/x; exit 9") { _, plugins in
            let outcome = try await run(plugins, ["n": "x"])
            #expect(outcome.error?.code == "invalid_parameters")
        }
    }

    @Test func `what others can write, what was changed and what describes itself badly is not run`() async throws {
        try await withPlugin(#"echo '{"changed": true}'"#) { directory, plugins in
            let file = "\(directory)/one"
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: file)
            let refused = try await run(plugins)
            await plugins.refresh()
            let unknown = try await run(plugins)
            #expect(refused.error?.code == "plugin_refused")
            #expect(unknown.error?.code == "unknown_operation")

            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
            try write("echo '{\"type\": \"ping\"}'", to: "\(directory)/two")
            await plugins.refresh()
            #expect(plugins.descriptors.map(\.type) == ["test.one"])

            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: directory)
            await plugins.refresh()
            #expect(plugins.descriptors.isEmpty)

            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory)
            try FileManager.default.removeItem(atPath: file)
            await plugins.refresh()
            #expect(plugins.descriptors.isEmpty)
        }
    }

    @Test func `a cancelled plug-in is ended`() async throws {
        try await withPlugin("sleep 600") { _, plugins in
            let context = testContext()
            context.cancellation.order(.init())
            let outcome = try await run(plugins, in: context)
            #expect(outcome.state == .cancelled)
        }
    }

    // MARK: Asking

    private static let describing = #"{"type": "test.%", "kind": "read", "summary": "s", "schema": {"type": "object"}}"#

    /// Makes a plug-in that does something before it says what it is.
    private func write(_ name: String, describing script: String, in directory: String) throws {
        let description = Self.describing.replacingOccurrences(of: "%", with: name)
        try write("\(script)\necho '\(description)'", to: "\(directory)/\(name)")
    }

    private func lines(of file: String) -> Int {
        (try? String(contentsOfFile: file, encoding: .utf8))?.split(separator: "\n").count ?? 0
    }

    @Test func `a plug-in that could not say what it is is asked again, less and less often, and used once it can`()
        async throws
    {
        try await withTemporaryDirectory { directory in
            let place = directory + "/plugins"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            try write("one", describing: "echo x >>\(directory)/asked; [ -e \(directory)/up ] || exit 1", in: place)
            let plugins = PluginDirectory(path: place, context: testContext())
            let start = ContinuousClock.now
            for seconds in [0, 5, 10, 20, 29, 30] { await plugins.refresh(now: start + .seconds(seconds)) }
            // At once, after 10 seconds, and after 20 more.
            #expect(lines(of: directory + "/asked") == 3)
            #expect(plugins.descriptors.isEmpty)
            #expect(plugins.nextQuestion == start + .seconds(70))

            _ = FileManager.default.createFile(atPath: directory + "/up", contents: nil)
            await plugins.refresh(now: start + .seconds(69))
            #expect(plugins.descriptors.isEmpty)
            await plugins.refresh(now: start + .seconds(70))
            #expect(plugins.descriptors.map(\.type) == ["test.one"])
            #expect(plugins.nextQuestion == nil)
            await plugins.refresh(now: start + .seconds(7200))
            #expect(lines(of: directory + "/asked") == 4, "what it is known to be is not asked again")
        }
    }

    @Test func `plug-ins are asked side by side, and each is used as soon as it is known`() async throws {
        try await withTemporaryDirectory { directory in
            let place = directory + "/plugins"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
            // Each waits for the other, and the third one until the test has seen both.
            for (own, other) in [("a", "b"), ("b", "a")] {
                let wait = "while [ ! -e \(directory)/\(other) ]; do sleep 0.02; done"
                try write(own, describing: "touch \(directory)/\(own); \(wait)", in: place)
            }
            let go = directory + "/go"
            try write("slow", describing: "while [ ! -e \(go) ]; do sleep 0.02; done", in: place)
            let plugins = PluginDirectory(path: place, context: testContext(), patience: .seconds(600))
            #expect(!plugins.isKnown("test.a") && !plugins.isKnown("test.slow"))
            async let looking: Void = plugins.refresh()
            while plugins.descriptors.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(plugins.descriptors.map(\.type) == ["test.a", "test.b"])
            #expect(plugins.isKnown("test.a") && !plugins.isKnown("test.slow"))
            // Who waits for all does so no longer than it has patience.
            await plugins.firstLook(atMost: .milliseconds(1))
            #expect(!plugins.isKnown("test.slow"))

            async let looked: Void = plugins.firstLook(atMost: .seconds(3600))
            #expect(FileManager.default.createFile(atPath: go, contents: nil))
            await looked
            #expect(plugins.isKnown("test.slow") && plugins.isKnown("test.nowhere"))
            #expect(plugins.descriptors.map(\.type) == ["test.a", "test.b", "test.slow"])
            await looking
            await plugins.firstLook(atMost: .seconds(3600))
        }
    }
}
