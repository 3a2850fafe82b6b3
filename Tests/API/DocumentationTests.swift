// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Jobs
import Testing

@testable import API

struct DocumentationTests {
    private static let paths = [
        ("/docs", "text/html"), ("/docs/problems", "text/html"), ("/docs/page.css", "text/css"),
        ("/docs/page.js", "text/javascript"),
    ]

    @Test(arguments: paths)
    func `a page is there without a key, and lets nothing in from elsewhere`(path: String, type: String) async throws {
        try await APIFixture().serve { client in
            let answer = try await client.send(.get, path, key: nil)

            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "\(type); charset=utf-8")
            #expect(answer.header("X-Content-Type-Options") == "nosniff")
            #expect(answer.header("Referrer-Policy") == "no-referrer")
            #expect(
                answer.header("Content-Security-Policy")
                    == "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                    + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            )
            #expect(!answer.text.contains("://") && !answer.text.contains("=\"//"), "nothing is named by a whole URL")
            #expect(try await client.send(.post, path).header("Allow") == "GET, HEAD")
        }
    }

    @Test func `the page needs no more than the policy allows`() async throws {
        try await APIFixture().serve { client in
            let page = try await client.send(.get, "/docs", key: nil).text
            let script = try await client.send(.get, "/docs/page.js", key: nil).text

            for word in ["style=", "<style", " onclick", "<script>", "javascript:"] { #expect(!page.contains(word)) }
            for word in ["innerHTML", "outerHTML", "eval(", "document.write", "insertAdjacentHTML", "Function("] {
                #expect(!script.contains(word), "\(word)")
            }
            #expect(page.contains(#"src="/docs/page.js""#) && page.contains(#"href="/docs/page.css""#))
        }
    }

    @Test func `the page shows nothing of the API to who has no key`() async throws {
        try await APIFixture().serve { client in
            let texts = [
                try await client.send(.get, "/docs", key: nil).text,
                try await client.send(.get, "/docs/page.js", key: nil).text,
            ]

            #expect(texts.allSatisfy { !$0.contains("/api/v1") && !$0.contains("0.1.0") })
            #expect(try await client.send(.get, "/openapi.json", key: nil).status == 401)
            #expect(try await client.send(.get, "/openapi.json").status == 200)
            #expect(try await client.get("/api/v1/openapi.json").status == 404)
        }
    }

    @Test func `every kind of problem has its place on the page`() async throws {
        try await APIFixture().serve { client in
            let page = try await client.send(.get, "/docs/problems", key: nil).text

            for code in APIError.Code.allCases {
                #expect(page.contains(#"id="\#(code.rawValue)""#), "\(code)")
                #expect(!code.meaning.isEmpty && code.type.hasSuffix("#\(code.rawValue)"))
            }
            #expect(APIError.Code.malformedJSON.title == "Malformed JSON")
            #expect(APIError.Code.invalidQuery.title == "Invalid query")
        }
    }

    @Test func `the description says which headers and refusals each call has`() async throws {
        try await APIFixture().serve { client in
            let document = try await client.get("/openapi.json").json
            for (path, methods) in document["paths"]?.object ?? [:] {
                for (method, call) in methods.object ?? [:] {
                    let responses = call["responses"]?.object ?? [:]
                    for (status, response) in responses {
                        #expect(response["headers"]?["Request-Id"] != nil, "\(method) \(path) \(status)")
                    }
                    guard call["security"] != [] else { continue }
                    #expect(responses["401"]?["headers"]?["WWW-Authenticate"] != nil, "\(method) \(path)")
                    #expect(responses["429"]?["headers"]?["Retry-After"] != nil, "\(method) \(path)")
                    #expect((responses["406"] != nil) == (responses["204"] == nil), "\(method) \(path)")
                    #expect((responses["412"] != nil) == (method != "get"), "\(method) \(path)")
                    #expect(call["tags"]?.array?.count == 1)
                }
            }
        }
    }
}
