// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Foundation
import Testing

struct SettingsTests {
    @Test func `flags come before the environment, and that before the file`() throws {
        try withFile("url: http://file\nkey: file-key\nca_file: /file.pem\n") { path in
            let loader = SettingsLoader(environment: ["BROKER_URL": "http://env", "BROKER_API_KEY": "env-key"])

            let settings = try loader.load(flags: Settings(url: "http://flag"), path: path).settings

            #expect(settings == Settings(url: "http://flag", key: "env-key", caFile: "/file.pem"))
        }
    }

    @Test func `an empty variable counts as not set`() {
        #expect(Settings(environment: ["BROKER_URL": "", "BROKER_CA_FILE": "/x"]) == Settings(caFile: "/x"))
    }

    @Test(
        arguments: [
            (["HOME": "/home/a"], "/home/a/.config/broker/config.yaml"),
            (["HOME": "/home/a", "XDG_CONFIG_HOME": "/etc/a"], "/etc/a/broker/config.yaml"),
            (["HOME": "/home/a", "XDG_CONFIG_HOME": "relative"], "/home/a/.config/broker/config.yaml"),
            ([:], nil),
        ] as [([String: String], String?)]
    )
    func `the file is looked for where XDG says`(environment: [String: String], path: String?) {
        #expect(Settings.defaultPath(environment: environment) == path)
    }

    @Test func `a missing file is no fault, unless it was named`() throws {
        let loader = SettingsLoader(environment: ["HOME": "/nowhere", "BROKER_URL": "http://env"])

        #expect(try loader.load(flags: Settings(), path: nil).settings == Settings(url: "http://env"))
        #expect(throws: UsageError.self) { try loader.load(flags: Settings(), path: "/nowhere/config.yaml") }
    }

    @Test func `a file that cannot be read is told with the reason`() throws {
        let loader = SettingsLoader(environment: [:])
        for (path, reason) in ["/nowhere/config.yaml": "no such file or directory", "/": "is a directory"] {
            let error = try #require(throws: UsageError.self) { try loader.load(flags: Settings(), path: path) }
            #expect(error.description == "cannot read the configuration file \(path): \(reason)")
        }
    }

    @Test(arguments: [("~/ca.pem", "/home/a/ca.pem"), ("/etc/ca.pem", "/etc/ca.pem"), ("tls/ca.pem", nil)])
    func `a CA file in the file may be in the home or beside it`(written: String, read: String?) throws {
        try withFile("url: https://host\nca_file: \(written)\n") { path in
            let loader = SettingsLoader(environment: ["HOME": "/home/a"])

            let settings = try loader.load(flags: Settings(), path: path).settings

            let beside = URL(filePath: path).deletingLastPathComponent().path + "/" + written
            #expect(settings.caFile == read ?? beside)
        }
    }

    @Test func `an error says where the setting to blame is from`() throws {
        let unreachable = BrokerClientError(code: .unreachable, message: "cannot reach it")
        let untrusted = BrokerClientError(code: .untrusted, message: "not trusted")
        try withFile("url: https://host\n") { path in
            let file = try SettingsLoader(environment: [:]).load(flags: Settings(), path: path).origins
            let mixed = try SettingsLoader(environment: ["BROKER_CA_FILE": "/x", "BROKER_URL": "http://env"])
                .load(flags: Settings(url: "http://flag"), path: path).origins
            let variables = try SettingsLoader(environment: ["BROKER_URL": "http://env"])
                .load(flags: Settings(), path: path).origins

            #expect(file.explain(unreachable).message == "cannot reach it (the URL is from \(path))")
            #expect(mixed.explain(unreachable).message == "cannot reach it (the URL is from --url)")
            #expect(variables.explain(unreachable).message == "cannot reach it (the URL is from BROKER_URL)")
            #expect(file.explain(untrusted).message == "not trusted (set --ca-file or BROKER_CA_FILE)")
            #expect(mixed.explain(untrusted).message == "not trusted (the CA file is from BROKER_CA_FILE)")
        }
    }

    @Test(arguments: [(0o600, false), (0o400, false), (0o640, true), (0o604, true)])
    func `a key in a file that others can read is warned of`(mode: Int, warns: Bool) throws {
        try withFile("url: https://host\nkey: secret\n", mode: mode) { path in
            let warnings = try SettingsLoader(environment: [:]).load(flags: Settings(), path: path).warnings

            #expect(warnings.contains { $0.contains("chmod 600") } == warns)
        }
    }

    @Test func `a file without a key may be read by all`() throws {
        try withFile("url: https://host\n", mode: 0o644) { path in
            let warnings = try SettingsLoader(environment: [:]).load(flags: Settings(), path: path).warnings

            #expect(warnings.isEmpty)
        }
    }

    @Test(arguments: [
        ("http://broker.example.org", true), ("https://broker.example.org", false), ("http://127.0.0.1:8080", false),
        ("http://localhost", false), ("http://[::1]:80", false), ("http://127.example.org", true),
    ])
    func `a key that goes unencrypted over the network is warned of`(url: String, warns: Bool) {
        #expect(Settings(url: url, key: "secret").warnings.isEmpty != warns)
    }

    @Test func `a missing URL or key says where to put it`() {
        #expect(throws: UsageError.self) { try Settings(key: "secret").clientConfiguration() }
        #expect(throws: UsageError.self) { try Settings(url: "http://host").clientConfiguration() }
    }
}

struct SettingsFileTests {
    @Test func `a file with another name, or with no text for one, is refused with the file`() throws {
        for text in ["urls: http://host", "url:\n", "key: [a]", "url: a\nurl: b", "- url: a", "key: 'open"] {
            try withFile(text) { path in
                let error = try #require(throws: UsageError.self, "\(text)") {
                    try SettingsLoader(environment: [:]).load(flags: Settings(), path: path)
                }
                #expect(error.description.contains(path))
            }
        }
    }
}

private func withFile(_ text: String, mode: Int = 0o600, _ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml").path
    try Data(text.utf8).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    try body(path)
}
