// SPDX-License-Identifier: Apache-2.0

import Jobs
import Sealing
import Testing

struct SecretBoxTests {
    private let agents = (1...3).map { AgentID("agent-\($0)") }
    private let keys = (1...3).map { _ in SealingKey() }
    private let secret = "correct horse battery staple"

    private var recipients: [AgentID: SealingPublicKey] {
        Dictionary(uniqueKeysWithValues: zip(agents, keys.map(\.publicKey)))
    }

    @Test func `each agent that it is sealed to can open a secret`() throws {
        let sealed = try SecretBox.seal(secret, for: "x", to: recipients)

        #expect(sealed.isSealed)
        for (agent, key) in zip(agents, keys) {
            #expect(try SecretBox.open(sealed, for: "x", by: agent, with: key) == secret)
        }
    }

    @Test(arguments: ["", "é\u{0}\n", String(repeating: "x", count: 131_071)])
    func `any text can be a secret`(_ text: String) throws {
        let sealed = try SecretBox.seal(text, for: "x", to: recipients)

        #expect(try SecretBox.open(sealed, for: "x", by: agents[1], with: keys[1]) == text)
    }

    @Test func `nobody else can open it, and nobody for something else`() throws {
        let sealed = try SecretBox.seal(secret, for: "x", to: recipients)

        let stranger = #expect(throws: SealingError.self) {
            try SecretBox.open(sealed, for: "x", by: AgentID("other"), with: keys[0])
        }
        #expect(stranger?.code == .notForThisAgent)
        for (purpose, agent, key) in [
            ("y", agents[0], keys[0]), ("x", agents[0], SealingKey()), ("x", agents[0], keys[1]),
            ("x", agents[1], keys[0]),
        ] {
            let error = #expect(throws: SealingError.self) {
                try SecretBox.open(sealed, for: purpose, by: agent, with: key)
            }
            #expect(error?.code == .cannotBeOpened)
        }
    }

    @Test func `a sealed secret does not show its text, and is another one each time`() throws {
        let first = try SecretBox.seal(secret, for: "x", to: recipients)
        let second = try SecretBox.seal(secret, for: "x", to: recipients)

        #expect(first != second)
        #expect(!String(decoding: try JSON.encode(first), as: UTF8.self).contains("horse"))
        #expect(first.withoutSealed == "***")
    }

    @Test func `what was changed or is malformed cannot be opened`() throws {
        let sealed = try SecretBox.seal(secret, for: "x", to: recipients)
        let other = try SecretBox.seal("another", for: "x", to: recipients)
        let content = try #require(sealed[JSONValue.sealedMember])
        let swapped: JSONValue = ["box": other[JSONValue.sealedMember]?["box"] ?? nil, "keys": content["keys"] ?? nil]
        let broken: [JSONValue] = [
            nil, "text", [:], ["$sealed": nil], ["$sealed": ["box": "AAAA"]], ["$sealed": ["box": "?", "keys": [:]]],
            ["$sealed": ["box": "AAAA", "keys": ["agent-1": "AAAA"]]],
            ["$sealed": ["box": "AAAA", "keys": ["agent-1": .string(String(repeating: "A", count: 200))]]],
            ["$sealed": swapped], ["$sealed": content, "more": 1],
        ]
        for value in broken {
            #expect(throws: SealingError.self, "\(value)") {
                try SecretBox.open(value, for: "x", by: agents[0], with: keys[0])
            }
        }
    }

    @Test func `a key is the same after it was stored`() throws {
        let again = try SealingKey(bytes: keys[0].bytes)
        let sealed = try SecretBox.seal(secret, for: "x", to: recipients)

        #expect(try SecretBox.open(sealed, for: "x", by: agents[0], with: again) == secret)
        #expect(SealingPublicKey(text: keys[0].publicKey.text)?.text == keys[0].publicKey.text)
        #expect(SealingPublicKey(text: "AAAA") == nil && SealingPublicKey(text: "?") == nil)
        #expect(throws: SealingError.self) { try SealingKey(bytes: [1]) }
    }

    // MARK: Operations

    private let request = OperationRequest(
        type: "command.exec",
        data: ["argv": ["x"], "env": ["OPEN": "value"], "secret_env": ["A/B": "first", "C": "second"]]
    )

    @Test func `the secrets of an operation are sealed, and nothing else of it`() throws {
        let catalogue = OperationCatalogue.builtIn

        let sealed = try catalogue.sealing(request, to: recipients)

        #expect(catalogue.secretCount(in: request) == 2 && catalogue.secretCount(in: sealed) == 2)
        #expect(sealed.data["env"] == ["OPEN": "value"])
        #expect(sealed.data["secret_env"]?.object?.values.allSatisfy(\.isSealed) == true)
        #expect(catalogue.faults(in: sealed).isEmpty)
        #expect(try catalogue.opening(sealed, by: agents[2], with: keys[2]) == request)
        #expect(try catalogue.sealing(sealed, to: [:]) == sealed, "sealed already")
    }

    @Test func `a secret cannot be moved to another name or another operation`() throws {
        let catalogue = OperationCatalogue.builtIn
        let sealed = try catalogue.sealing(request, to: recipients)
        let values = try #require(sealed.data["secret_env"]?.object)
        let moved: [OperationRequest] = [
            OperationRequest(type: "command.exec", data: ["secret_env": ["C": values["A/B"] ?? nil]]),
            OperationRequest(type: "command.shell", data: ["secret_env": ["C": values["C"] ?? nil]]),
        ]
        for request in moved {
            #expect(throws: SealingError.self) { try catalogue.opening(request, by: agents[0], with: keys[0]) }
        }
    }

    @Test func `a request is written with marks in the place of sealed secrets`() throws {
        let sealed = try OperationCatalogue.builtIn.sealing(request, to: recipients)

        let shown = try JSON.decode(JSONValue.self, from: JSON.encode(sealed))

        #expect(shown["data"]?["secret_env"] == ["A/B": "***", "C": "***"])
        #expect(shown["data"]?["env"] == ["OPEN": "value"])
    }
}
