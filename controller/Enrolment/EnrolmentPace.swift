// SPDX-License-Identifier: Apache-2.0

/// How often strangers may ask, so that a request costs them more than us.
///
/// What makes an agent of a host costs nothing, so that many behind one address can join at once: that is bounded by the
/// uses of tokens. What is refused costs much. Asking again, as hosts do that wait, costs little, and something, since it
/// has us check a signature.
struct EnrolmentPace: Sendable {
    private var refusals = AddressPace(burst: 10, perSecond: 0.5)
    private var repetitions = AddressPace(burst: 100, perSecond: 10)

    mutating func mayTry(_ address: String, now: ContinuousClock.Instant) -> Bool {
        refusals.mayTry(address, now: now) && repetitions.mayTry(address, now: now)
    }

    mutating func refused(_ address: String, now: ContinuousClock.Instant) {
        refusals.spend(address, now: now)
    }

    mutating func repeated(_ address: String, now: ContinuousClock.Instant) {
        repetitions.spend(address, now: now)
    }
}
