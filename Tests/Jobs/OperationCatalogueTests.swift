// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct OperationCatalogueTests {
    private let catalogue = OperationCatalogue.builtIn

    private func faults(_ type: String, _ data: JSONValue) -> [String] {
        catalogue.faults(in: OperationRequest(type: type, data: data), at: "/operation")
            .map { "\($0.pointer): \($0.detail)" }
    }

    @Test func `the operations are listed by name`() {
        let types = catalogue.descriptors.map(\.type)

        #expect(types == types.sorted() && Set(types).count == types.count)
        #expect(Set(types).isSuperset(of: ["command.exec", "command.shell", "host.facts", "ping"]))
        #expect(catalogue["command.exec"]?.kind == .modify && catalogue["host.facts"]?.kind == .read)
        #expect(catalogue["ping"]?.type == "ping")
        #expect(catalogue["pong"] == nil)
        #expect(catalogue.descriptors.allSatisfy { !$0.summary.isEmpty })
    }

    @Test func `a descriptor in JSON has its schema`() throws {
        let descriptor = try #require(catalogue["command.shell"])
        let json = try JSON.decode(JSONValue.self, from: JSON.encode(descriptor))

        #expect(json["kind"] == "modify")
        #expect(json["schema"]?["required"] == ["command"])
        #expect(json["schema"]?["properties"]?["timeout"]?["default"] == 300)
        #expect(json["schema"]?["properties"]?["argv"] == nil)
        #expect(try JSON.decode(OperationDescriptor.self, from: JSON.encode(descriptor)) == descriptor)
    }

    @Test func `the defaults and examples in a schema fit that schema`() throws {
        for descriptor in catalogue.descriptors {
            for (name, property) in descriptor.schema["properties"]?.object ?? [:] {
                let schema = try JSONSchema(property)
                let samples = (property["examples"]?.array ?? []) + (property["default"].map { [$0] } ?? [])
                for sample in samples { #expect(schema.faults(in: sample).isEmpty, "\(descriptor.type) \(name)") }
            }
        }
    }

    @Test(arguments: [
        ("ping.pong", "GET /api/v1/operations lists what there is"), ("comand.exec", "did you mean 'command.exec'?"),
        ("host.facst", "did you mean 'host.facts'?"),
    ])
    func `an unknown operation is a fault of its type, with the one that was meant`(type: String, hint: String) {
        #expect(faults(type, [:]) == ["/operation/type: there is no operation '\(type)'; \(hint)"])
    }

    @Test(arguments: ["ping", "host.facts"])
    func `an operation without parameters takes none`(type: String) {
        #expect(faults(type, [:]).isEmpty)
        #expect(faults(type, ["a": 1]) == ["/operation/data/a: unknown field 'a'"])
        #expect(faults(type, []) == ["/operation/data: must be an object, not a list"])
    }

    @Test func `a run may take what its parameters or its operation say`() {
        func limit(_ type: String, _ data: JSONValue = [:]) -> Duration {
            catalogue.runLimit(for: OperationRequest(type: type, data: data))
        }

        #expect(limit("ping") == .seconds(30))
        #expect(limit("host.facts") == .seconds(60))
        #expect(limit("command.exec", ["argv": ["true"]]) == .seconds(300))
        #expect(limit("command.exec", ["argv": ["true"], "timeout": 7]) == .seconds(7))
        #expect(limit("command.shell", ["command": "true", "timeout": 0.5]) == .milliseconds(500))
        #expect(limit("command.shell", ["timeout": 1e300]) == .seconds(86_400))
        #expect(limit("command.shell", ["timeout": -1]) == .seconds(300))
        #expect(limit("nobody.knows") == .seconds(300))
        #expect(limit("host.reboot", ["delay": 7200]) == .seconds(60), "it ends before the host goes")
        #expect(limit("host.reboot", ["wait_for_return": true]) == .seconds(960))
        #expect(limit("host.reboot", ["wait_for_return": true, "delay": 7200]) == .seconds(8100))
        #expect(limit("host.reboot", ["wait_for_return": true, "timeout": 300]) == .seconds(300))
        #expect(limit("host.reboot", ["wait_for_return": true, "delay": "@label.delay"]) == .seconds(605_700))
    }

    private static let faulty: [(type: String, data: JSONValue, fault: String)] = [
        ("command.exec", [:], "/argv: argv is missing"),
        ("command.exec", ["argv": []], "/argv: must not be empty"),
        (
            "host.reboot", ["wait_for_return": true, "timeout": 60],
            "/timeout: is over before the host goes, after 60 s"
        ),
        (
            "host.reboot", ["wait_for_return": true, "delay": 600, "timeout": 300],
            "/timeout: is over before the host goes, after 600 s"
        ),
        ("command.exec", ["argv": "ls"], "/argv: must be a list, not a string"),
        ("command.exec", ["argv": ["ls", 1]], "/argv/1: must be a string, not a number"),
        ("command.exec", ["argv": ["", "x"]], "/argv/0: must name a program"),
        ("command.exec", ["argv": ["ls", "a\0b"]], "/argv/1: must not contain a NUL character"),
        ("command.exec", ["argv": ["ls"], "command": "ls"], "/command: unknown field 'command'"),
        ("command.exec", ["argv": ["ls"], "cwd": "tmp"], "/cwd: must be an absolute path"),
        ("command.exec", ["argv": ["ls"], "cwd": ""], "/cwd: must not be empty"),
        ("command.exec", ["argv": ["ls"], "cwd": "/a\0"], "/cwd: must not contain a NUL character"),
        ("command.exec", ["argv": ["ls"], "env": ["A": 1]], "/env/A: must be a string, not a number"),
        (
            "command.exec", ["argv": ["ls"], "env": ["A=B/": "x"]],
            "/env/A=B~1: the name of a variable is not empty and has no '='"
        ),
        (
            "command.exec", ["argv": ["ls"], "env": ["": "x"]],
            "/env/: the name of a variable is not empty and has no '='"
        ),
        ("command.exec", ["argv": ["ls"], "env": ["A": "\0"]], "/env/A: must not contain a NUL character"),
        ("command.exec", ["argv": ["ls"], "stdin": 1], "/stdin: must be a string, not a number"),
        ("command.exec", ["argv": ["ls"], "timeout": 0], "/timeout: must be more than 0"),
        ("command.exec", ["argv": ["ls"], "timeout": 86_400.5], "/timeout: must be at most 86400"),
        ("command.exec", ["argv": ["ls"], "timeout": "5"], "/timeout: must be a number, not a string"),
        ("command.exec", ["argv": ["ls"], "ok_exit_codes": []], "/ok_exit_codes: must not be empty"),
        ("command.exec", ["argv": ["ls"], "ok_exit_codes": [256]], "/ok_exit_codes/0: must be at most 255"),
        ("command.exec", ["argv": ["ls"], "ok_exit_codes": [0, -1]], "/ok_exit_codes/1: must be at least 0"),
        ("command.exec", ["argv": ["ls"], "creates": "x"], "/creates: must be an absolute path"),
        ("command.exec", ["argv": ["ls"], "removes": "./x"], "/removes: must be an absolute path"),
        ("command.exec", ["argv": ["ls"], "output_limit": 1_048_577], "/output_limit: must be at most 1048576"),
        ("command.exec", ["argv": ["ls"], "output_limit": 1.5], "/output_limit: must be a whole number, not a number"),
        ("command.shell", [:], "/command: command is missing"),
        ("command.shell", ["command": ""], "/command: must not be empty"),
        ("command.shell", ["command": "a\0"], "/command: must not contain a NUL character"),
        ("command.shell", ["command": "ls", "shell": "bash"], "/shell: unknown field 'shell'"),
    ]

    @Test(arguments: faulty)
    func `a faulty parameter is named with its place`(type: String, data: JSONValue, fault: String) {
        #expect(faults(type, data) == ["/operation/data" + fault])
    }

    @Test func `sizes are limited in bytes`() {
        let inBytes = String(repeating: "é", count: 65_535) + "x"
        let tooLong = inBytes + "x"

        #expect(faults("command.shell", ["command": .string(inBytes)]).isEmpty)
        #expect(faults("command.shell", ["command": .string(tooLong)]).count == 1)
        #expect(faults("command.exec", ["argv": ["echo", .string(inBytes)]]).isEmpty)
        #expect(faults("command.exec", ["argv": ["echo", .string(tooLong)]]).count == 1)
        #expect(faults("command.exec", ["argv": ["ls"], "env": ["A": .string(inBytes)]]).count == 1)

        let input = String(repeating: "é", count: 524_288)
        #expect(faults("command.exec", ["argv": ["cat"], "stdin": .string(input)]).isEmpty)
        #expect(faults("command.exec", ["argv": ["cat"], "stdin": .string(input + "x")]).count == 1)

        let arguments = Array(repeating: JSONValue.string("x"), count: 1024)
        #expect(faults("command.exec", ["argv": .array(arguments)]).isEmpty)
        #expect(faults("command.exec", ["argv": .array(arguments + ["x"])]).count == 1)

        let variables = Dictionary(uniqueKeysWithValues: (0...1024).map { ("V\($0)", JSONValue.string("")) })
        #expect(faults("command.exec", ["argv": ["ls"], "env": .object(variables)]).count == 1)
    }
}
