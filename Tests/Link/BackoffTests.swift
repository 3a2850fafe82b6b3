// SPDX-License-Identifier: Apache-2.0

import Link
import Testing

struct BackoffTests {
    @Test func `ceilings double up to the longest and begin again after a success`() {
        var backoff = Backoff(minimum: .seconds(1), maximum: .seconds(5))

        let ceilings = (0..<5).map { _ in backoff.next(random: 1) }
        #expect(ceilings == [.seconds(1), .seconds(2), .seconds(4), .seconds(5), .seconds(5)])

        backoff.reset()
        #expect(backoff.next(random: 0.5) == .milliseconds(500))
        #expect(backoff.next(random: 0) == .zero)
    }
}
