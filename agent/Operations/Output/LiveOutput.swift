// SPDX-License-Identifier: Apache-2.0

package import Jobs
import Synchronization

/// What a run that goes on has written last, for those who follow it.
///
/// Of each output the last 256 KiB are there, whether anybody follows or not, so that who comes later sees what was before.
/// Who is slower than the run misses some of it, and holds up nothing.
package final class LiveOutput: Sendable {
    /// How many bytes of each output are there at least, where as many were written.
    static let window = 256 * 1024
    /// Where who was too slow goes on: so many bytes before the end.
    static let leap = 64 * 1024

    /// What was written behind a place.
    package struct News: Hashable, Sendable {
        /// Where the bytes begin: behind the place that was asked for where some are gone.
        package let offset: Int
        /// The bytes; none where nothing was written.
        package let bytes: [UInt8]
    }

    private struct Recent {
        var bytes: [UInt8] = []
        var end = 0
        var start: Int { end - bytes.count }
    }

    private struct State {
        var stdout = Recent()
        var stderr = Recent()
        var isOver = false
    }

    private let state = Mutex(State())

    /// Makes the output of a run that begins.
    package init() {}

    /// Takes what was written.
    func append(_ bytes: UnsafeRawBufferPointer, to stream: RunOutput.Stream) {
        let last = bytes.suffix(Self.window)
        state.withLock { state in
            func add(to recent: inout Recent) {
                recent.bytes.append(contentsOf: last)
                recent.end += bytes.count
                // Trimmed only now and then, so that trimming stays cheap; where some were left out, nothing before them counts.
                let most = last.count < bytes.count ? last.count : 2 * Self.window
                if recent.bytes.count > most { recent.bytes.removeFirst(recent.bytes.count - min(most, Self.window)) }
            }
            switch stream {
            case .stdout: add(to: &state.stdout)
            case .stderr: add(to: &state.stderr)
            }
        }
    }

    /// Notes that nothing more is written.
    package func end() {
        state.withLock { $0.isOver = true }
    }

    /// Whether nothing more is written.
    package var isOver: Bool { state.withLock { $0.isOver } }

    /// What was written to an output behind a place.
    ///
    /// - Parameters:
    ///   - stream: which output.
    ///   - place: up to where it is known.
    ///   - limit: how many bytes at most.
    /// - Returns: the first of it that is still there.
    package func news(of stream: RunOutput.Stream, behind place: Int, atMost limit: Int) -> News {
        state.withLock { state in
            let recent = stream == .stdout ? state.stdout : state.stderr
            let isTooSlow = place < recent.start || recent.end - place > Self.window
            let place = isTooSlow ? max(recent.start, recent.end - Self.leap) : min(place, recent.end)
            let bytes = recent.bytes.dropFirst(place - recent.start).prefix(max(0, limit))
            return News(offset: place, bytes: Array(bytes))
        }
    }
}
