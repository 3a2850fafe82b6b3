// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Settings
import Testing

struct SettingsTests {
    private let known = [
        SettingKey("http.listen", "where to listen"), SettingKey("lease", "how long"), SettingKey("labels", "names"),
        SettingKey("runs", "how many"), SettingKey("quiet", "whether"),
    ]

    private func settings(
        file: String? = nil,
        named name: String = "settings.yaml",
        environment: [String: String] = [:],
        flags: [String: String] = [:]
    ) throws -> Settings {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var path: String?
        if let file {
            let url = directory.appending(path: name)
            try Data(file.utf8).write(to: url)
            path = url.path
        }
        return try Settings(
            file: path,
            environment: environment,
            prefix: "broker.test",
            flags: flags,
            known: known
        )
    }

    @Test(arguments: [
        ("/etc/broker", "/etc/broker"), ("conf", "+/conf"), ("./conf/a.yaml", "+/conf/a.yaml"), (".//a", "+/a"),
        ("../a", "+/../a"), ("", ""),
    ])
    func `a relative path is found from any directory`(given: String, wanted: String) {
        let here = FileManager.default.currentDirectoryPath

        #expect(absolutePath(given) == (wanted.hasPrefix("+") ? here + wanted.dropFirst() : wanted))
    }

    @Test func `flags win over the environment and the environment over the file`() throws {
        let file = "http:\n  listen: file\nlease: 10m\nruns: 3\n"
        let environment = ["BROKER_TEST_HTTP_LISTEN": "environment", "BROKER_TEST_RUNS": "4"]

        let settings = try settings(file: file, environment: environment, flags: ["http.listen": "flag"])

        #expect(settings.string("http.listen") == "flag")
        #expect(try settings.int("runs", in: 1...10) == 4)
        #expect(try settings.duration("lease", in: .seconds(1) ... .seconds(3600)) == .seconds(600))
    }

    @Test func `a file may be JSON`() throws {
        let settings = try settings(
            file: #"{"http": {"listen": "here"}, "labels": ["env=prod", "group=web"], "quiet": true}"#,
            named: "settings.json"
        )

        #expect(settings.string("http.listen") == "here")
        #expect(settings.strings("labels") == ["env=prod", "group=web"])
        #expect(try settings.bool("quiet") == true)
    }

    @Test func `a list may be given on the command line and in the environment`() throws {
        let flags = try settings(file: "labels: [x]", flags: ["labels": "env=prod,group=web.dev"])
        let environment = try settings(environment: ["BROKER_TEST_LABELS": "env=prod,group=web.dev"])

        #expect(flags.strings("labels") == ["env=prod", "group=web.dev"])
        #expect(environment.strings("labels") == ["env=prod", "group=web.dev"])
    }

    @Test func `a name that is not known is refused with its line`() throws {
        #expect {
            try settings(file: "lease: 1m\nhttp:\n  lisen: here\n")
        } throws: { error in
            "\(error)".contains("line 3") && "\(error)".contains("http.lisen")
        }
    }

    @Test func `a malformed file is refused in one line`() throws {
        #expect {
            try settings(file: "http: [unclosed\n")
        } throws: { error in
            "\(error)".contains("not valid") && !"\(error)".contains("\n")
        }
    }

    @Test(arguments: [
        ("runs: 1\nruns: 2\n", "twice"), ("http: here\n", "names with values"), ("labels: {a: b}\n", "list of texts"),
        ("- a\n", "names with values"), ("labels: &x [*x]\n", "deeply"),
    ])
    func `a file of another shape is refused with its line`(file: String, what: String) throws {
        #expect {
            try settings(file: file)
        } throws: { error in
            "\(error)".contains(what) && "\(error)".contains("line ")
        }
    }

    @Test func `an empty file has no settings`() throws {
        #expect(try settings(file: "# nothing\n").string("lease") == nil)
    }

    @Test func `a file that is not there is refused by name`() throws {
        #expect {
            try Settings(
                file: "/nowhere/settings.yaml",
                environment: [:],
                prefix: "broker.test",
                flags: [:],
                known: known
            )
        } throws: { error in
            "\(error)".contains("/nowhere/settings.yaml")
        }
    }

    @Test(arguments: ["0", "eleven", "11"])
    func `a number outside its limits is refused by name`(text: String) throws {
        let settings = try settings(flags: ["runs": text])

        #expect(throws: SettingsError.self) { try settings.int("runs", in: 1...10) }
    }
}
