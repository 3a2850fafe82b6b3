// SPDX-License-Identifier: Apache-2.0

/// Lets each address do something a few times, and then only once in a while.
///
/// The table is bounded: an address that has spent nothing for long is forgotten, and while it is full of those that have,
/// strangers wait with them.
///
/// Pure. A token bucket an address, after Turner, "New directions in communications" (IEEE Communications, 1986).
struct AddressPace: Sendable {
    private let burst: Double
    private let perSecond: Double
    private let maximumAddresses: Int
    private var spent: [String: (amount: Double, at: ContinuousClock.Instant)] = [:]

    init(burst: Int, perSecond: Double, maximumAddresses: Int = 10_000) {
        self.burst = Double(burst)
        self.perSecond = perSecond
        self.maximumAddresses = maximumAddresses
    }

    /// How many addresses are remembered.
    var count: Int { spent.count }

    /// Whether an address may try now.
    mutating func mayTry(_ address: String, now: ContinuousClock.Instant) -> Bool {
        guard let amount = spent[address].map({ left(of: $0, now) }) else {
            if spent.count >= maximumAddresses { forget(now) }
            return spent.count < maximumAddresses
        }
        return amount + 1 <= burst
    }

    /// Notes that an address has done it.
    mutating func spend(_ address: String, now: ContinuousClock.Instant) {
        let amount = spent[address].map { left(of: $0, now) } ?? 0
        spent[address] = (amount + 1, now)
    }

    private mutating func forget(_ now: ContinuousClock.Instant) {
        spent = spent.filter { left(of: $0.value, now) > 0 }
    }

    private func left(of entry: (amount: Double, at: ContinuousClock.Instant), _ now: ContinuousClock.Instant) -> Double
    {
        let passed = now - entry.at
        let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18
        return max(0, entry.amount - seconds * perSecond)
    }
}
