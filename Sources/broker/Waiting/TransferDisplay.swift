// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Synchronization

/// Shows on stderr how far a transfer is: one line that is drawn anew on a terminal, else a line each tenth.
final class TransferDisplay: Sendable {
    private struct State {
        var tenth: Int64 = 0
        var drawnAt: ContinuousClock.Instant?
        var isDrawn = false
    }

    private let console: Console
    private let verb: String
    private let quiet: Bool
    private let state = Mutex(State())

    /// Makes a display.
    ///
    /// - Parameters:
    ///   - console: where it is shown.
    ///   - verb: what happens to the bytes.
    ///   - quiet: whether nothing is shown.
    init(console: Console, verb: String, quiet: Bool) {
        self.console = console
        self.verb = verb
        self.quiet = quiet
    }

    /// Takes in how far it is.
    func show(_ bytes: Int64, of total: Int64) {
        guard !quiet, total > 0 else { return }
        let text = "\(verb) \(ByteCount(bytes, of: total))"
        state.withLock { state in
            guard console.isErrorTerminal else {
                let tenth = bytes * 10 / total
                if tenth > state.tenth { console.say(text) }
                state.tenth = max(state.tenth, tenth)
                return
            }
            if let drawnAt = state.drawnAt, ContinuousClock.now - drawnAt < .milliseconds(100), bytes < total { return }
            state.drawnAt = .now
            state.isDrawn = true
            console.draw("\r" + text + "\u{1B}[K")
        }
    }

    /// Takes the line away.
    func end() {
        state.withLock { state in
            if state.isDrawn { console.draw("\r\u{1B}[K") }
            state.isDrawn = false
        }
    }
}
