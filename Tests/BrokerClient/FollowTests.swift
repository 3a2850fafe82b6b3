// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Jobs
import StubController
import Synchronization
import Testing

struct FollowStateMachineTests {
    private let outage = BrokerClientError(code: .unreachable, message: "away")

    @Test func `the pauses grow up to the longest`() {
        var machine = FollowStateMachine(
            policy: FollowPolicy(firstInterval: .milliseconds(100), longestInterval: .milliseconds(300))
        )
        let job = StubFleet.job([.started])

        let pauses = (0..<5).map { _ in machine.saw(job).pause }

        #expect(pauses == [100, 150, 225, 300, 300].map { .milliseconds($0) })
    }

    @Test func `only changes are told, and the end has no pause`() {
        var machine = FollowStateMachine(policy: FollowPolicy())

        #expect(machine.saw(StubFleet.job([.pending])).updates == [.job(StubFleet.job([.pending]))])
        #expect(machine.saw(StubFleet.job([.pending])).updates.isEmpty)
        #expect(machine.saw(StubFleet.job([.started])).updates == [.job(StubFleet.job([.started]))])
        let end = machine.saw(StubFleet.job([.completed]))
        #expect(end.updates == [.job(StubFleet.job([.completed]))])
        #expect(end.pause == nil)
    }

    @Test func `an outage is told once, and so is its end`() throws {
        var machine = FollowStateMachine(policy: FollowPolicy())
        _ = machine.saw(StubFleet.job([.started]))

        #expect(try machine.failed(outage, now: .seconds(1)).updates == [.outage(outage)])
        #expect(try machine.failed(outage, now: .seconds(2)).updates.isEmpty)
        #expect(machine.saw(StubFleet.job([.started])).updates == [.recovered])
        #expect(try machine.failed(outage, now: .seconds(70)).updates == [.outage(outage)])
    }

    @Test func `patience ends`() throws {
        var machine = FollowStateMachine(policy: FollowPolicy(patience: .seconds(60)))
        _ = try machine.failed(outage, now: .seconds(1))
        _ = try machine.failed(outage, now: .milliseconds(60_999))

        #expect(throws: outage) { try machine.failed(outage, now: .seconds(61)) }
    }

    @Test(arguments: [(404, false), (401, false), (500, false), (502, true), (503, true), (504, true)])
    func `a refusal ends it, unless the controller is only away`(status: Int, passes: Bool) {
        var machine = FollowStateMachine(policy: FollowPolicy())
        let problem = Problem(status: status, code: "x", detail: "y")
        let error = BrokerClientError(code: .refused(problem), message: "y")

        let step = try? machine.failed(error, now: .zero)

        #expect((step != nil) == passes)
    }
}

@Suite(.timeLimit(.minutes(10)))
struct JobUpdatesTests {
    private let quick = FollowPolicy(
        firstInterval: .milliseconds(1),
        longestInterval: .milliseconds(5),
        patience: .seconds(30)
    )

    @Test func `a job is followed through an outage to its end`() async throws {
        let script: [StubAnswer] = [
            .json(StubFleet.job([.pending, .pending])), .problem(503, "unavailable", "going down"), .hangUp,
            .json(StubFleet.job([.completed, .started])), .json(StubFleet.job([.completed, .failed])),
        ]
        let looks = Mutex(0)
        let respond: StubController.Respond = { _ in
            script[
                looks.withLock { looks in
                    defer { looks += 1 }
                    return min(looks, script.count - 1)
                }
            ]
        }
        try await StubController.with(respond: respond) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                var told: [String] = []
                for try await update in client.follow(StubFleet.jobID, policy: quick) {
                    switch update {
                    case .job(let job): told.append(job.status.rawValue)
                    case .outage: told.append("outage")
                    case .recovered: told.append("recovered")
                    }
                }

                #expect(told == ["submitted", "outage", "recovered", "processing", "partial_failure"])
            }
        }
    }

    @Test func `a job that does not exist ends it with the refusal`() async throws {
        try await StubController.with(respond: { _ in .problem(404, "not_found", "no such job") }) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                await #expect(throws: BrokerClientError.self) {
                    for try await _ in client.follow(StubFleet.jobID, policy: quick) {}
                }
            }
            #expect(stub.requests.count == 1)
        }
    }

    @Test func `a cancelled follower stops`() async throws {
        try await StubController.with(respond: { _ in .json(StubFleet.job([.started])) }) { stub in
            try await BrokerClient.with(BrokerClientConfiguration(url: stub.url, key: "secret")) { client in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask {
                        await #expect(throws: CancellationError.self) {
                            for try await _ in client.follow(StubFleet.jobID, policy: quick) {}
                        }
                    }
                    while stub.requests.count < 3 { await Task.yield() }
                    group.cancelAll()
                }
            }
        }
    }
}
