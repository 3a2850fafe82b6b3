// SPDX-License-Identifier: Apache-2.0

import Access
import Foundation
import Jobs
import Logging
import Outgoing
import StubController
import Testing
import TokenVectors

@testable import Tokens

struct TokenTests {
    static let now = Timestamp(milliseconds: 1_800_000_000_000)
    static let rules = TokenRules(issuer: "https://id.example.org", audience: "broker")

    private func verifier(_ rules: TokenRules = rules) async throws -> TokenVerifier {
        TokenVerifier(rules: rules, keys: try await TokenKeys(json: Array(TokenVectors.keySet.utf8)))
    }

    private func refusal(_ verifier: TokenVerifier, _ token: String, at now: Timestamp = now) -> String? {
        do {
            _ = try verifier.identity(of: token, now: now)
            return nil
        } catch {
            return error.message
        }
    }

    @Test(arguments: [TokenVectors.es256, TokenVectors.edDSA, TokenVectors.rs256, TokenVectors.withoutKeyID])
    func `a token of each algorithm is accepted`(token: String) async throws {
        let identity = try await verifier().identity(of: token, now: Self.now)

        #expect(identity.subject == "ann" && identity.scopes == [.jobRead, .jobWrite])
        #expect(identity.expiresAt == Timestamp(milliseconds: 4_102_444_800_000))
    }

    /// RFC 7515, appendix A.3: its signature is good, and its claims are not for us.
    @Test func `the example of the standard is verified`() async throws {
        let key = """
            {"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}
            """
        let token =
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
            + "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5d"
            + "jxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        let verifier = TokenVerifier(rules: Self.rules, keys: try await TokenKeys(json: Array(key.utf8)))

        #expect(refusal(verifier, token) == "the token is of another issuer")
    }

    @Test(arguments: TokenVectors.forged.keys.sorted())
    func `a token that was not signed by the provider's key for its algorithm is refused`(name: String) async throws {
        let token = try #require(TokenVectors.forged[name])
        let message = refusal(try await verifier(), token)

        let expected = [
            "otherKey": "the signature of the token is wrong",
            "critical": "the token asks for what is not known here",
        ]
        #expect(message == expected[name] ?? "the token is signed with no key that is known", "\(name)")
    }

    @Test func `a token in which anything was changed is refused`() async throws {
        let verifier = try await verifier()
        for token in [TokenVectors.es256, TokenVectors.edDSA, TokenVectors.rs256] {
            let parts = token.split(separator: ".").map(String.init)
            let other = #"{"iss":"https://id.example.org","aud":"broker","sub":"bob","exp":4102444800}"#
            let claims = Data(other.utf8).base64EncodedString().replacing("=", with: "")
            #expect(refusal(verifier, "\(parts[0]).\(claims).\(parts[2])") == "the signature of the token is wrong")
            for part in 0..<3 {
                var changed = parts
                let flipped = changed[part].removeFirst() == "A" ? "B" : "A"
                changed[part] = flipped + changed[part]
                #expect(refusal(verifier, changed.joined(separator: ".")) != nil)
            }
            #expect(refusal(verifier, "\(parts[0]).\(parts[1]).") != nil)
        }
    }

    @Test(arguments: ["", ".", "..", "a.b.c", "a.b", "e30.e30.e30", "bnVsbA.bnVsbA.AA", "e30=.e30=.AA=="])
    func `what is no token is refused`(text: String) async throws {
        #expect(refusal(try await verifier(), text) != nil)
    }

    @Test func `a token is refused from the moment at which it expires`() async throws {
        let verifier = try await verifier()
        let expiry = Timestamp(milliseconds: 4_102_444_800_000)

        #expect(refusal(verifier, TokenVectors.es256, at: Timestamp(milliseconds: expiry.milliseconds - 1)) == nil)
        #expect(refusal(verifier, TokenVectors.es256, at: expiry) == "the token has expired")
    }

    @Test func `without keys every token is refused, and with other keys those of the old ones`() async throws {
        let verifier = TokenVerifier(rules: Self.rules)
        #expect(refusal(verifier, TokenVectors.es256) == "the keys for tokens are not known yet")

        verifier.replaceKeys(try await TokenKeys(json: Array(TokenVectors.keySet.utf8)))
        #expect(refusal(verifier, TokenVectors.es256) == nil)
        let onlyEdwards = try JSON.decode(JSONValue.self, from: TokenVectors.keySet.utf8)["keys"]?.array?[1]
        let keys: JSONValue = ["keys": [try #require(onlyEdwards)]]
        verifier.replaceKeys(try await TokenKeys(json: try JSON.encode(keys)))
        #expect(refusal(verifier, TokenVectors.es256) != nil && refusal(verifier, TokenVectors.edDSA) == nil)
    }

    // MARK: Claims

    private func claims(_ changes: [String: JSONValue?]) -> JSONValue {
        var members = TokenVectors.claims.object ?? [:]
        for (name, value) in changes { members[name] = value }
        return .object(members)
    }

    @Test(
        arguments: [
            ("iss", "https://id.example.org/"), ("iss", nil), ("aud", "another"), ("aud", nil), ("aud", []),
            ("aud", ["another"]), ("exp", nil), ("exp", "4102444800"), ("exp", 1_799_999_999), ("exp", -1),
            ("exp", 1e300),
            ("nbf", 1_800_000_061), ("nbf", "now"), ("sub", nil), ("sub", ""), ("sub", "a b"), ("sub", "a\nb"),
            ("sub", 7),
        ] as [(String, JSONValue?)]
    )
    func `claims that are not for us are refused`(name: String, value: JSONValue?) {
        #expect(throws: TokenError.self) {
            try Self.rules.identity(claims([name: value]), now: Self.now)
        }
    }

    @Test(
        arguments: [
            ("scope", "job:read audit:read", [.jobRead, .auditRead]), ("scope", ["admin"], [.admin]),
            ("scope", "openid job:everything", []), ("scope", nil, []), ("scope", 7, []),
            ("aud", ["x", "broker"], nil),
            ("nbf", 1_800_000_059, nil), ("exp", 1_800_000_000.5, nil),
        ] as [(String, JSONValue?, Set<Scope>?)]
    )
    func `scopes are a text or a list, and those that are not known give nothing`(
        name: String,
        value: JSONValue?,
        scopes: Set<Scope>?
    ) throws {
        let identity = try Self.rules.identity(claims([name: value]), now: Self.now)

        #expect(identity.scopes == scopes ?? [.jobRead, .jobWrite])
    }

    @Test func `the claim of the scopes may have another name`() throws {
        let rules = TokenRules(issuer: "https://id.example.org", audience: "broker", scopeClaim: "roles")

        let identity = try rules.identity(claims(["roles": ["metrics:read"]]), now: Self.now)

        #expect(identity.scopes == [.metricsRead])
    }

    // MARK: Key sets

    @Test(arguments: [
        "", "{}", "[]", #"{"keys":[]}"#, #"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#,
        #"{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}"#, #"{"keys":[7]}"#, #"{"keys":{}}"#,
    ])
    func `a set without a key that can be used is refused`(text: String) async {
        await #expect(throws: TokenError.self) { try await TokenKeys(json: Array(text.utf8)) }
    }

    @Test func `a token without the id of its key is refused where two come into question`() async throws {
        let set = try JSON.decode(JSONValue.self, from: TokenVectors.keySet.utf8)["keys"]?.array ?? []
        var twin = set[0].object ?? [:]
        twin["kid"] = "twin"
        let keys: JSONValue = ["keys": .array(set + [.object(twin)])]
        let verifier = TokenVerifier(rules: Self.rules, keys: try await TokenKeys(json: try JSON.encode(keys)))

        #expect(refusal(verifier, TokenVectors.withoutKeyID) != nil && refusal(verifier, TokenVectors.es256) == nil)
    }

    @Test func `keys come from a file, anew each time`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID())")
        let source = try KeySetSource(file.path, policy: OutgoingPolicy())
        let verifier = TokenVerifier(rules: Self.rules)
        let service = KeySetService(source: source, verifier: verifier, logger: Self.logger)

        #expect(await service.bring() == false)
        try Data(TokenVectors.keySet.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(await service.bring())
        #expect(refusal(verifier, TokenVectors.rs256) == nil)
        try Data("{}".utf8).write(to: file)
        #expect(await service.bring() == false)
        #expect(refusal(verifier, TokenVectors.rs256) == nil, "the keys that there were go on")
    }

    @Test func `keys come over https, from whom the authority vouches for, and not by a redirect`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "ca-\(UUID())")
        try Data(TestCertificates.authority.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        try await StubController.with(
            isEncrypted: true,
            respond: { request in
                switch request.uri {
                case "/keys": .answer(200, Array(TokenVectors.keySet.utf8))
                case "/moved": .answer(302, [], headers: ["Location": "/keys"])
                default: .answer(200, [UInt8](repeating: 0x20, count: TokenKeys.maximumBytes + 1))
                }
            },
            { stub in
                let loopback = try #require(AddressRange("127.0.0.0/8"))
                func isGood(_ path: String, authorities: String?, allowed: [AddressRange]? = nil) async throws -> Bool {
                    let policy = OutgoingPolicy(allowed: allowed ?? [loopback])
                    let source = try KeySetSource(stub.url + path, authorities: authorities, policy: policy)
                    return (try? await source.keys()) != nil
                }
                let good = try await isGood("/keys", authorities: file.path)
                let unknown = try await isGood("/keys", authorities: nil)
                let moved = try await isGood("/moved", authorities: file.path)
                let large = try await isGood("/large", authorities: file.path)
                let refused = try await isGood("/keys", authorities: file.path, allowed: [])
                #expect(good && !unknown && !moved && !large && !refused)
            }
        )
        #expect(throws: TokenError.self) { try KeySetSource("http://id.example.org/keys", policy: OutgoingPolicy()) }
    }

    private static var logger: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}
