// SPDX-License-Identifier: Apache-2.0

/// Random numbers that a seed repeats (SplitMix64), so that a failing sequence can be run again.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Makes a generator; the same seed makes the same numbers.
    package init(seed: UInt64) {
        state = seed
    }

    /// A generator of its own for one of several that draw side by side.
    package init(seed: UInt64, of name: String) {
        // FNV-1a: the name's own hash differs between processes.
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        self.init(seed: seed ^ hash)
    }

    /// The next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A duration within bounds in seconds.
    package mutating func duration(_ seconds: ClosedRange<Double>) -> Duration {
        .milliseconds(Int64(Double.random(in: seconds, using: &self) * 1000))
    }
}
