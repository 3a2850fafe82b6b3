// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// The two outputs of a program in a container, which its engine sends through each other (Docker Engine API,
/// ContainerAttach, "Stream format").
final class OutputFrames: Sendable {
    private struct State {
        var output: CapturedOutput
        var errors: CapturedOutput
        var head: [UInt8] = []
        var isError = false
        var left = 0
    }

    private let state: Mutex<State>

    /// Keeps at most `limit` bytes of each.
    init(limit: Int) {
        state = Mutex(State(output: CapturedOutput(limit: limit), errors: CapturedOutput(limit: limit)))
    }

    /// Takes the next bytes.
    func take(_ bytes: ArraySlice<UInt8>) {
        state.withLock { state in
            var rest = bytes
            while !rest.isEmpty {
                if state.left == 0 {
                    let part = rest.prefix(8 - state.head.count)
                    state.head += part
                    rest = rest.dropFirst(part.count)
                    guard state.head.count == 8 else { return }
                    // Which output, three bytes of nothing, and the size.
                    state.isError = state.head[0] == 2
                    state.left = state.head[4...].reduce(0) { $0 << 8 | Int($1) }
                    state.head = []
                    continue
                }
                let part = rest.prefix(state.left)
                part.withUnsafeBytes { if state.isError { state.errors.append($0) } else { state.output.append($0) } }
                state.left -= part.count
                rest = rest.dropFirst(part.count)
            }
        }
    }

    /// What was kept: of standard output and of standard error.
    var outputs: (output: CapturedOutput, errors: CapturedOutput) { state.withLock { ($0.output, $0.errors) } }
}
