// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// The page that the `type` of a problem refers to: each code with its status and its meaning.
enum ProblemsPage {
    /// The page.
    ///
    /// - Parameter style: the path of its style sheet.
    /// - Returns: HTML.
    static func html(_ style: String) -> String {
        let codes = APIError.Code.allCases.map { ($0, APIError($0, "").status) }
            .sorted { ($0.1.code, $0.0.rawValue) < ($1.1.code, $1.0.rawValue) }
        let rows = codes.map { code, status in
            """
            <section class="problem" id="\(code.rawValue)">
            <h2><span class="status s\(status.code / 100)">\(status.code)</span> \(code.title)</h2>
            <p><code>\(code.rawValue)</code></p>
            <p>\(escaped(code.meaning))</p>
            </section>
            """
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Broker: problems</title>
            <link rel="stylesheet" href="\(style)">
            </head>
            <body>
            <header><h1>Broker <small>problems</small></h1><nav><a href="/docs">The API</a></nav></header>
            <main class="single">
            <p>An answer that is no success carries <code>application/problem+json</code> (RFC 9457). Its
            <code>type</code> is a place on this page, its <code>code</code> is for programs, its <code>detail</code> says
            what was wrong with this request, and <code>errors</code> where: in which <code>parameter</code> of the query,
            or at which <code>pointer</code> of the body.</p>
            \(rows.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { html, character in
            switch character {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            default: html.append(character)
            }
        }
    }
}
