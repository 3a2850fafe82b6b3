// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts events; from any thread, without a lock.
package final class Counter: Sendable {
    private let number = Atomic<Int>(0)

    /// Makes a counter at zero.
    package init() {}

    /// Counts some events.
    package func add(_ amount: Int = 1) {
        number.add(amount, ordering: .relaxed)
    }

    /// How many there have been.
    package var value: Int { number.load(ordering: .relaxed) }
}

/// Counts events of kinds that are all known beforehand; from any thread, without a lock.
package struct LabelledCounter<Kind: Hashable & Sendable>: Sendable {
    /// The kinds, in the order in which they are told.
    package let kinds: [Kind]
    private let counters: [Kind: Counter]

    /// Makes counters at zero.
    ///
    /// - Parameter kinds: all kinds that there are.
    package init(_ kinds: some Sequence<Kind>) {
        self.kinds = Array(kinds)
        counters = Dictionary(self.kinds.map { ($0, Counter()) }, uniquingKeysWith: { first, _ in first })
    }

    /// Counts some events; one of another kind is not counted.
    package func add(_ amount: Int = 1, of kind: Kind) {
        counters[kind]?.add(amount)
    }

    /// How many there have been of a kind.
    package subscript(_ kind: Kind) -> Int { counters[kind]?.value ?? 0 }
}
