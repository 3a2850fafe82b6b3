// SPDX-License-Identifier: Apache-2.0

import Jobs
import Store
import Testing

@testable import Webhooks

struct WebhookRulesTests {
    @Test func `a message is signed as the specification's example is`() throws {
        // From the specification of Standard Webhooks, and the tests of its libraries.
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))

        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            seconds: 1_614_265_330,
            body: #"{"test": 2432232314}"#
        )

        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `secrets are as the specification wants them, and none is made twice`() {
        let secrets = (0..<50).map { _ in WebhookSecret.random() }

        #expect(secrets.allSatisfy { WebhookSecret($0)?.text == $0 })
        #expect(Set(secrets).count == 50)
    }

    @Test(arguments: ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!"])
    func `what is no secret is not taken for one`(text: String) {
        #expect(WebhookSecret(text) == nil)
    }

    @Test func `attempts are as far apart as the schedule says, and end`() {
        let now = Timestamp(milliseconds: 1_000_000)
        let pauses = (1...10).map { attempt in
            RetrySchedule.next(after: attempt, wish: nil, spread: 0, now: now).map {
                ($0.milliseconds - 1_000_000) / 1000
            }
        }

        #expect(pauses == [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, nil])
        #expect(RetrySchedule.next(after: 1, wish: nil, spread: 1, now: now)?.milliseconds == 1_005_500)
        #expect(RetrySchedule.next(after: 1, wish: .seconds(60), spread: 0, now: now)?.milliseconds == 1_060_000)
        #expect(RetrySchedule.next(after: 2, wish: .seconds(60), spread: 0, now: now)?.milliseconds == 1_300_000)
        #expect(RetrySchedule.next(after: 1, wish: .seconds(1 << 40), spread: 0, now: now)?.milliseconds == 87_400_000)
    }

    private func next(_ answer: DeliveryVerdict.Answer, attempts: Int = 0) -> DeliveryOutcome.Next {
        let due = DueDelivery(
            id: "m",
            webhookID: "w",
            lane: "w",
            url: "",
            secrets: [],
            body: "",
            attempts: attempts
        )
        return DeliveryVerdict.outcome(of: due, answer, spread: 0, now: Timestamp(milliseconds: 0)).next
    }

    @Test func `what becomes of a delivery is decided by the answer`() {
        let soon = DeliveryOutcome.Next.again(Timestamp(milliseconds: 5000))

        #expect(next(.status(200, retryAfter: nil)) == .delivered)
        #expect(next(.status(204, retryAfter: 60)) == .delivered)
        #expect(next(.status(302, retryAfter: nil)) == soon)
        #expect(next(.status(500, retryAfter: nil)) == soon)
        #expect(next(.status(503, retryAfter: 60)) == .again(Timestamp(milliseconds: 60_000)))
        #expect(next(.none("refused")) == soon)
        #expect(next(.none("refused"), attempts: 9) == .failed)
        guard case .disabled = next(.status(410, retryAfter: nil)) else {
            Issue.record("not disabled")
            return
        }
    }
}
