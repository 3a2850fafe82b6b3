// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// What commands wrote on their hosts, each under a heading with host and stream.
package struct OutputBlocks: Sendable {
    private let presenter: Presenter

    /// Makes blocks for a presenter: on a terminal, control characters are made visible.
    package init(_ presenter: Presenter) {
        self.presenter = presenter
    }

    /// The blocks of a run; an empty text if it wrote nothing.
    package func text(_ run: Run) -> String {
        ["stdout", "stderr"].map { block(run, $0) }.joined()
    }

    private func block(_ run: Run, _ stream: String) -> String {
        guard let output = run.output(stream) else { return "" }
        var heading = "--- \(SafeText.line.made(of: run.hostname)): \(stream)"
        if run.data?["\(stream)_truncated"]?.bool == true, let size = run.data?["\(stream)_bytes"]?.int {
            heading += " (shortened, \(size) bytes in all)"
        }
        let shown = presenter.isTerminal ? SafeText.block.made(of: output) : output
        let end = shown.utf8.last == UInt8(ascii: "\n") ? "" : "\n"
        return presenter.inked(heading, .faint) + "\n" + shown + end
    }
}
