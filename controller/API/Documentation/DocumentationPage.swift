// SPDX-License-Identifier: Apache-2.0

/// The page that shows the description of the API, which its script fetches with the key that somebody types in.
enum DocumentationPage {
    /// The page.
    ///
    /// - Parameters:
    ///   - style: the path of its style sheet.
    ///   - script: the path of its script.
    /// - Returns: HTML.
    static func html(_ style: String, _ script: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Broker: the API</title>
        <link rel="stylesheet" href="\(style)">
        <script src="\(script)" defer></script>
        </head>
        <body>
        <header>
        <h1>Broker <small id="version">API</small></h1>
        <nav><a href="\(Problem.typesPath)">Problems</a></nav>
        <form id="key-form">
        <label for="key">Key</label>
        <input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="brk_…" required>
        <button type="submit">Show</button>
        </form>
        </header>
        <div class="columns">
        <aside id="side" hidden>
        <label for="filter" class="hidden">Filter</label>
        <input id="filter" type="search" placeholder="Filter calls" autocomplete="off">
        <ul id="calls"></ul>
        </aside>
        <main id="main">
        <p id="message" role="status">The description of this API is shown to who has a key: any key will do. It stays in
        this page and is forgotten when you leave it.</p>
        <noscript><p>This page needs JavaScript. The description itself is at <code>/openapi.json</code>.</p></noscript>
        </main>
        </div>
        </body>
        </html>

        """
    }
}
