// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import Jobs
import NIOCore

/// `/docs`: pages for people about the API.
///
/// They are open to everybody and tell nothing that is not in the source: the description of the API itself wants a key,
/// which the page asks for and sends with its request. All that they are made of is in this program, and the policy that
/// goes with them lets a browser load nothing from elsewhere, nor run what is written into the page.
struct DocumentationResource: Sendable {
    private static let stylePath = "/docs/page.css"
    private static let scriptPath = "/docs/page.js"

    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "base-uri 'none'",
        "form-action 'none'", "frame-ancestors 'none'",
    ].joined(separator: "; ")

    var endpoints: [Endpoint] {
        let html = "text/html; charset=utf-8"
        return [
            page("/docs", "getDocumentation", html, DocumentationPage.html(Self.stylePath, Self.scriptPath)),
            page(Problem.typesPath, "getProblems", html, ProblemsPage.html(Self.stylePath)),
            page(Self.stylePath, "getPageStyle", "text/css; charset=utf-8", DocumentationStyle.css),
            page(Self.scriptPath, "getPageScript", "text/javascript; charset=utf-8", DocumentationScript.javaScript),
        ]
    }

    private func page(_ path: String, _ name: String, _ mediaType: String, _ text: String) -> Endpoint {
        let body = ByteBuffer(string: text)
        return Endpoint(
            method: .get,
            path: path,
            access: .open,
            name: name,
            summary: "A page for people.",
            answer: .init(status: .ok, schema: ["type": "string"], summary: "The page.", mediaType: mediaType)
        ) { _ in
            Response(
                status: .ok,
                headers: [
                    .contentType: mediaType, .contentSecurityPolicy: Self.policy, .referrerPolicy: "no-referrer",
                    // Another controller at the same address may be of another version.
                    .cacheControl: "no-cache",
                ],
                body: ResponseBody(byteBuffer: body)
            )
        }
    }
}

extension HTTPField.Name {
    fileprivate static let referrerPolicy = known("Referrer-Policy")
}
