// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// What runs brought from their hosts, each part under a heading: what commands wrote, and the data of other operations.
package struct OutputBlocks: Sendable {
    private let presenter: Presenter

    /// Makes blocks for a presenter: on a terminal, control characters are made visible.
    package init(_ presenter: Presenter) {
        self.presenter = presenter
    }

    /// The blocks of a run; an empty text if it brought nothing.
    package func text(_ run: Run) -> String {
        if let data = run.plainData { return dataBlock(run, data) }
        return ["stdout", "stderr"].map { block(run, $0) }.joined()
    }

    private func block(_ run: Run, _ stream: String) -> String {
        guard let output = run.output(stream) else { return "" }
        var heading = stream
        if run.data?["\(stream)_truncated"]?.bool == true, let size = run.data?["\(stream)_bytes"]?.int {
            heading += " (shortened, \(size) bytes in all)"
        }
        return block(run, heading: heading, output)
    }

    private func dataBlock(_ run: Run, _ data: JSONValue) -> String {
        var members = data.object ?? [:]
        // With its line breaks it can be read, as a text in JSON it cannot.
        let diff = members["diff"]?.string
        if diff != nil { members["diff"] = nil }
        let rest = diff == nil ? data : .object(members)
        return block(run, heading: "data", (try? JSONText.text(rest, pretty: true)) ?? rest.brief)
            + (diff.map { block(run, heading: "diff", $0) } ?? "")
    }

    private func block(_ run: Run, heading: String, _ text: String) -> String {
        let heading = "--- \(SafeText.line.made(of: run.hostname)): \(heading)"
        let shown = presenter.isTerminal ? SafeText.block.made(of: text) : text
        let end = shown.utf8.last == UInt8(ascii: "\n") ? "" : "\n"
        return presenter.inked(heading, .faint) + "\n" + shown + end
    }
}
