// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a test chooses at random, such that its seed repeats all of it.
package struct Choices: RandomNumberGenerator {
    /// The seed: that of the environment (`BROKER_PROPERTIES_SEED`), or a new one.
    package let seed: UInt64
    private var state: UInt64

    /// Begins with a seed.
    package init() {
        let given = ProcessInfo.processInfo.environment["BROKER_PROPERTIES_SEED"].flatMap { UInt64($0) }
        seed = given ?? .random(in: 0..<1_000_000)
        state = seed
    }

    /// SplitMix64 of Sebastiano Vigna.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of several; `all` must not be empty.
    package mutating func one<Value>(of all: [Value]) -> Value {
        all[Int.random(in: 0..<all.count, using: &self)]
    }

    /// Any of several, in their order.
    package mutating func some<Value>(of all: [Value]) -> [Value] {
        all.filter { _ in chance(2) }
    }

    /// Whether what happens once in `times` does.
    package mutating func chance(_ times: Int) -> Bool {
        Int.random(in: 0..<times, using: &self) == 0
    }
}
