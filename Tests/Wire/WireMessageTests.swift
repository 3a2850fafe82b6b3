// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import SwiftProtobuf
import Testing

@testable import Wire

struct WireMessageTests {
    private static let id = JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41)

    private static let fromAgents: [AgentMessage] = [
        .hello(
            Introduction(
                instance: "i-1",
                hostname: "web-1.example",
                labels: ["env": "prod"],
                facts: ["cpus": 8, "load": 0.5],
                version: "0.1.0",
                ledgerID: "l-1",
                jobKeysVersion: 3,
                certificateExpiresAt: Timestamp(milliseconds: 1_795_266_000_000)
            )
        ),
        .poll(
            Poll(
                instance: "i-1",
                storeID: "s-1",
                held: 7,
                active: [Poll.ActiveRun(jobID: id, attempt: 2)],
                sequence: 3,
                refusedOrders: [
                    RefusedOrder(jobID: id, delivery: 6, error: RunError(code: "refused_signature", message: "näh"))
                ],
                reports: [RunReport(sequence: 9, jobID: id, attempt: 1, event: .started)]
            )
        ),
        .reports([
            RunReport(sequence: 1, jobID: id, attempt: 1, event: .started),
            RunReport(
                sequence: 2,
                jobID: id,
                attempt: 1,
                event: .ended(
                    RunOutcome(
                        state: .failed,
                        changed: true,
                        error: RunError(code: "non_zero_exit", message: "exit code 3"),
                        data: ["exit_code": 3, "stdout": "näh\u{0}"],
                        digest: ResultDigest(bytes: Array(repeating: 7, count: 32))
                    )
                )
            ),
            RunReport(
                sequence: 3,
                jobID: id,
                attempt: 1,
                event: .ended(RunOutcome(state: .completed, changed: false))
            ),
            RunReport(sequence: 4, jobID: id, attempt: 1, event: .ended(RunOutcome(state: .skipped))),
            RunReport(
                sequence: 5,
                jobID: id,
                attempt: 1,
                event: .retrying(RunOutcome(state: .failed, changed: nil), after: .milliseconds(1500))
            ),
            RunReport(sequence: 6, jobID: id, attempt: 2, event: .goingDown(bootID: "0f8b4a1e-boot")),
        ]),
        .credentials(certificateRequest: []),
        .credentials(certificateRequest: [1, 2, 3]),
        .output(OutputPiece(requestID: 7, offset: 4096, bytes: [0, 255, 1], keptBytes: 1 << 40, isLast: true)),
        .output(
            OutputPiece(requestID: 9, stream: .stderr, offset: 4, bytes: [1], keptBytes: 5, isLast: false)
        ),
        .output(OutputPiece(refusing: 8, RunError(code: "output_gone", message: "no more"))),
    ]

    private static var policy: ExecutionPolicy {
        var policy = ExecutionPolicy()
        policy.maxAttempts = 3
        policy.backoff = .milliseconds(2500)
        policy.onInterrupt = .rerun
        policy.isExclusive = true
        policy.awaitsGo = true
        return policy
    }

    private static func sealed(_ number: UInt64, _ kind: SealedDelivery.Kind) -> SealedDelivery {
        SealedDelivery(
            number: number,
            jobID: id,
            kind: kind,
            content: Data([1, 2, 3]),
            keyID: "0011223344556677",
            signature: Data(repeating: 9, count: 64)
        )
    }

    private static let assignments = [
        Assignment(
            jobID: id,
            attempt: 1,
            delivery: 8,
            operation: OperationRequest(type: "command.exec", data: ["argv": ["uptime"]]),
            startWithin: .seconds(60),
            notBefore: Timestamp(milliseconds: 0),
            deadline: Timestamp(milliseconds: 1_795_262_400_000)
        ),
        Assignment(
            jobID: JobID(high: id.high, low: id.low + 1),
            attempt: 2,
            delivery: 9,
            operation: OperationRequest(type: "ping"),
            startWithin: .seconds(60),
            policy: policy,
            submittedBy: "ann",
            notBefore: Timestamp(milliseconds: 1_795_262_400_000),
            deadline: Timestamp(milliseconds: 1_795_262_460_000),
            trace: TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        ),
    ]

    private static let fromController: [ControllerMessage] = [
        .welcome(Welcome(storeID: "s-1", heartbeat: .seconds(30))),
        .introduce,
        .work(Work(storeID: "s-1", [], parked: .zero)),
        .welcome(Welcome(storeID: "s-1", heartbeat: .seconds(30), jobKeys: ["version 1\n", "version 2\n"])),
        .welcome(Welcome(storeID: "s-1", heartbeat: .seconds(30), takesReportsInPolls: true)),
        .work(
            Work(
                storeID: "s-1",
                [
                    sealed(
                        8,
                        .run(
                            startWithin: .seconds(60),
                            SealedDelivery.Place(index: 3, path: Data(repeating: 7, count: 64))
                        )
                    ),
                    sealed(9, .run(startWithin: .zero, SealedDelivery.Place(index: 0, path: Data()))),
                    sealed(10, .cancel),
                    sealed(12, .go),
                ],
                parked: .milliseconds(1500),
                heartbeat: .seconds(40),
                confirmed: [3, 1 << 60]
            )
        ),
        .work(
            Work(
                storeID: "s-1",
                [],
                parked: .zero,
                outputs: [
                    OutputRequest(id: 7, jobID: id, attempt: 2, stream: .stderr, offset: 4096, length: 1 << 40),
                    OutputRequest(id: 8, jobID: id, attempt: 1, stream: .stdout, offset: 0, length: 0),
                    OutputRequest(id: 9, following: id, attempt: 1, stdout: 70, stderr: 1 << 40),
                ]
            )
        ),
        .outputReceipt(goesOn: true),
        .outputReceipt(goesOn: false),
        .receipt([1, 2, 3]),
        .credentials(AgentCredentials(certificateChain: "chain", authorities: "authorities")),
        .refusal(code: "hostname_taken", message: "no", retryAfter: .milliseconds(1500)),
    ]

    @Test(arguments: fromAgents)
    func `what an agent says is read as it was written`(message: AgentMessage) throws {
        #expect(try AgentMessage(bytes: message.bytes) == message)
    }

    @Test(arguments: fromController)
    func `what the controller says is read as it was written`(message: ControllerMessage) throws {
        #expect(try ControllerMessage(bytes: message.bytes) == message)
    }

    @Test(arguments: assignments)
    func `an envelope is read as it was written`(assignment: Assignment) throws {
        let envelope = Envelope(of: assignment, targetSize: 5, targetRoot: [1, 2, 3])

        let read = try Envelope(bytes: envelope.bytes)

        #expect(read == envelope)
        #expect(read.assignment(delivery: assignment.delivery, startWithin: .seconds(60)) == assignment)
    }

    @Test func `orders are read as they were written`() throws {
        for order in [
            CancelOrder(jobID: Self.id, delivery: 10, grace: .zero, requestedBy: "ann"),
            CancelOrder(jobID: Self.id, delivery: 11, grace: nil, requestedBy: nil),
        ] { #expect(try OrderContent.cancel(OrderContent.bytes(of: order), delivery: order.delivery) == order) }
        let order = GoOrder(jobID: Self.id, delivery: 12)
        let bytes = OrderContent.bytes(of: order, for: AgentID("a"))
        #expect(try OrderContent.go(bytes, delivery: 12) == GoAhead(order: order, agent: AgentID("a")))
    }

    @Test func `an envelope with a field out of its limits is refused`() throws {
        let envelope = Envelope(of: Self.assignments[0], targetSize: 1, targetRoot: [])
        let changes: [(String, (inout PBEnvelope) -> Void)] = [
            ("job id", { $0.jobID = Data([1]) }), ("attempt", { $0.attempt = 0 }), ("operation", { $0.operation = "" }),
            ("parameters", { $0.parametersJson = Data("{".utf8) }), ("deadline", { $0.deadlineMs = -1 }),
            ("time", { $0.notBeforeMs = .max }), ("submitter", { $0.submittedBy = "a\u{0}" }),
        ]
        for (what, change) in changes {
            var message = try PBEnvelope(serializedBytes: envelope.bytes)
            change(&message)

            #expect(throws: WireError.self, "\(what)") { try Envelope(bytes: serialisedData(message)) }
        }
    }

    @Test(arguments: ["", "nonsense", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"])
    func `a trace that is none is passed over, and the envelope is read`(traceparent: String) throws {
        var message = try PBEnvelope(
            serializedBytes: Envelope(of: Self.assignments[1], targetSize: 1, targetRoot: []).bytes
        )
        #expect(message.traceparent.hasPrefix("00-4bf9"))
        message.traceparent = traceparent

        #expect(try Envelope(bytes: serialisedData(message)).trace == nil)
    }

    @Test func `a message of another version is told apart from a malformed one`() {
        var message = PBAgentMessage()
        message.protocol = 2
        message.poll.instance = "i"

        #expect(throws: WireError.foreignVersion(2)) { try AgentMessage(bytes: serialise(message)) }
        #expect(throws: WireError.foreignVersion(0)) { try AgentMessage(bytes: []) }
        #expect(throws: (any Error).self) { try AgentMessage(bytes: [0xFF, 0xFF, 0xFF]) }
    }

    @Test func `a message with a field out of its limits is refused`() {
        let reports = Array(repeating: Self.report { _ in }.reports, count: 1001).flatMap { $0 }
        let changes: [(String, (inout PBAgentMessage) -> Void)] = [
            ("instance", { $0.poll.held = 1 }),
            ("hostname", { $0.hello = Self.hello { $0.hostname = "" } }),
            ("hostname with a line break", { $0.hello = Self.hello { $0.hostname = "web\n1" } }),
            ("hostname over its limit", { $0.hello = Self.hello { $0.hostname = String(repeating: "a", count: 254) } }),
            ("facts that are no object", { $0.hello = Self.hello { $0.factsJson = jsonBytes([1]) } }),
            ("facts that are no JSON", { $0.hello = Self.hello { $0.factsJson = jsonBytes("x").dropLast() } }),
            ("label", { $0.hello = Self.hello { $0.labels = ["": "x"] } }),
            ("job id", { $0.reports = Self.report { $0.jobID = jobIDBytes(Self.id).dropLast() } }),
            ("attempt zero", { $0.reports = Self.report { $0.attempt = 0 } }),
            ("event", { $0.reports = Self.report { $0.event = nil } }),
            ("state", { $0.reports = Self.report { $0.outcome = PBOutcome() } }),
            ("digest", { $0.reports = Self.report { $0.outcome = Self.outcome(digest: 31) } }),
            ("digest", { $0.reports = Self.report { $0.outcome = Self.outcome(digest: 33) } }),
            ("too many reports", { $0.reports.reports = reports }),
            ("certificate request", { $0.credentials.certificateRequest = Data(repeating: 1, count: 8193) }),
        ]
        for (what, change) in changes {
            var message = PBAgentMessage()
            message.protocol = 1
            change(&message)

            #expect(throws: WireError.self, "\(what)") { try AgentMessage(bytes: serialise(message)) }
        }
    }

    @Test func `random and mutated bytes never trap`() {
        var random = SplitMix64(seed: 20_260_714)
        var refused = 0
        for round in 0..<20_000 {
            var bytes: [UInt8]
            if round % 2 == 0 {
                bytes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                    UInt8.random(in: .min ... .max, using: &random)
                }
            } else {
                bytes = Self.fromAgents[round / 2 % Self.fromAgents.count].bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                        in: .min ... .max,
                        using: &random
                    )
                }
            }
            if (try? AgentMessage(bytes: bytes)) == nil { refused += 1 }
            _ = try? ControllerMessage(bytes: bytes)
            _ = try? Envelope(bytes: Data(bytes))
            _ = try? OrderContent.cancel(Data(bytes), delivery: 1)
            _ = try? OrderContent.go(Data(bytes), delivery: 1)
        }

        #expect(refused > 10_000, "almost nothing random is a message")
    }

    @Test func `an error message that is too long is cut between characters`() throws {
        let long = String(repeating: "é", count: 4096)
        let report = RunReport(
            sequence: 1,
            jobID: Self.id,
            attempt: 1,
            event: .ended(RunOutcome(state: .failed, error: RunError(code: "x", message: long)))
        )

        let read = try AgentMessage(bytes: AgentMessage.reports([report]).bytes)

        guard case .reports(let reports) = read, case .ended(let outcome) = reports[0].event else {
            Issue.record("no outcome came back")
            return
        }
        #expect(outcome.error?.message == String(repeating: "é", count: 2048))
    }

    private static func outcome(digest size: Int) -> PBOutcome {
        var outcome = PBOutcome()
        outcome.state = .completed
        outcome.digest = Data(repeating: 1, count: size)
        return outcome
    }

    private static func hello(_ change: (inout PBHello) -> Void) -> PBHello {
        var hello = PBHello()
        hello.instance = "i"
        hello.hostname = "web-1"
        change(&hello)
        return hello
    }

    private static func report(_ change: (inout PBReport) -> Void) -> PBReports {
        var report = PBReport()
        report.sequence = 1
        report.jobID = jobIDBytes(id)
        report.attempt = 1
        report.started = PBStarted()
        change(&report)
        var reports = PBReports()
        reports.reports = [report]
        return reports
    }
}

/// A small seeded generator, so that a failure can be repeated.
///
/// After Sebastiano Vigna's splitmix64.c (public domain).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
