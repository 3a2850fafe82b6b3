// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Wakes whoever waits for something to have happened; what was not taken yet is not counted.
final class Signal: Sendable {
    private struct State {
        var next = 0
        var readers: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state = Mutex(State())

    /// Wakes all readers.
    func raise() {
        let readers = state.withLock { Array($0.readers.values) }
        for reader in readers { reader.yield() }
    }

    /// A new reader, which is woken once at its beginning, since something may have happened before.
    func stream() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.next += 1
            state.readers[state.next] = continuation
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.forget(number)
        }
        continuation.yield()
        return stream
    }

    private func forget(_ number: Int) {
        state.withLock { state in
            state.readers[number] = nil
        }
    }
}
