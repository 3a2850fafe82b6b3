// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Remembers that an end was asked for, so that it is not taken for a failure.
final class StopFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() {
        raised.store(true, ordering: .releasing)
    }
}
