// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import CommandLine
import Jobs
import StubController
import Testing

struct ProgramExitTests {
    @Test(
        arguments: [
            (.completed, 0), (.partialFailure, 3), (.failed, 4), (.cancelled, 4), (.processing, 7), (.submitted, 7),
        ] as [(JobStatus, Int32)]
    )
    func `a job that was waited for has its code`(status: JobStatus, code: Int32) {
        #expect(ProgramExit(status).rawValue == code)
    }

    @Test(
        arguments: [
            (.invalidConfiguration, 2), (.unreachable, 6), (.untrusted, 6), (.timedOut, 6), (.badAnswer, 1),
            (.refused(Problem(status: 400, code: "", detail: "")), 5),
            (.refused(Problem(status: 404, code: "", detail: "")), 5),
            (.refused(Problem(status: 500, code: "", detail: "")), 1),
            (.refused(Problem(status: 503, code: "", detail: "")), 6),
        ] as [(BrokerClientError.Code, Int32)]
    )
    func `a call that failed has its code`(code: BrokerClientError.Code, exit: Int32) {
        #expect(ProgramExit(BrokerClientError(code: code, message: "")).rawValue == exit)
    }

    @Test func `every code is in the help`() {
        for status in ProgramExit.allCases { #expect(ProgramExit.help.contains("\n  \(status.rawValue) ")) }
        #expect(ProgramExit.help.split(separator: "\n").allSatisfy { $0.count < 80 })
    }
}

struct ProgressLineTests {
    @Test(
        arguments: [
            ([.pending, .pending], "0/2 done · 2 waiting"),
            (
                [.completed, .completed, .failed, .started, .acknowledged],
                "3/5 done · 2 completed · 1 failed · 2 running"
            ),
            ([.timedOut, .lost, .completed], "3/3 done · 1 completed · 1 timed out · 1 lost"),
        ] as [([RunState], String)]
    )
    func `counts are told, zeros are not`(states: [RunState], line: String) {
        #expect(ProgressLine(StubFleet.job(states).agentCounts).description == line)
    }

    @Test func `lines come on change, and not too often`() {
        var throttle = ProgressThrottle(interval: .seconds(3))
        let one = ProgressLine(StubFleet.job([.pending]).agentCounts)
        let two = ProgressLine(StubFleet.job([.started]).agentCounts)

        let passed = [
            throttle.passes(one, now: .seconds(1)), throttle.passes(one, now: .seconds(9)),
            throttle.passes(two, now: .seconds(10)), throttle.passes(one, now: .seconds(11)),
            throttle.passes(one, now: .seconds(13)),
        ]

        #expect(passed == [true, false, true, false, true])
    }
}

struct VerdictTests {
    @Test(
        arguments: [
            ([.completed], "completed: 1 of 1 host completed; 1 changed; took 35ms"),
            (
                [.completed, .failed, .failed],
                "partial failure: 1 of 3 hosts completed, 2 failed; 1 changed; took 35ms"
            ),
            ([.failed], "failed: 0 of 1 host completed, 1 failed; took 35ms"),
            ([.completed, .started], "processing: 1 of 2 hosts completed, 1 not done; 1 changed"),
        ] as [([RunState], String)]
    )
    func `the last word names status, hosts and changes`(states: [RunState], text: String) {
        #expect(Verdict(StubFleet.job(states)).description == text)
    }

    @Test func `of a dry run nothing is said to be changed`() {
        let job = StubFleet.job([.completed], dryRun: true)

        #expect(Verdict(job).description == "completed: 1 of 1 host completed; 1 would change; took 35ms")
        let report = JobReport(job, notWell: []).text(Presenter(format: .table))
        #expect(report.contains("\nchanged     would be, 1 of 1\n"), "\(report)")
    }
}

struct ByteCountTests {
    @Test(
        arguments: [
            (0, 76, "0 of 76 bytes"), (1, 1, "1 of 1 byte"), (1023, 1023, "1023 of 1023 bytes"),
            (512, 1024, "0.5 of 1.0 KiB"), (1 << 20, 1 << 20, "1.0 of 1.0 MiB"),
            (1_572_864, 20 << 20, "1.5 of 20.0 MiB"),
        ] as [(Int64, Int64, String)]
    )
    func `a transfer is told in the unit of the whole`(bytes: Int64, total: Int64, text: String) {
        #expect(ByteCount(bytes, of: total).description == text)
    }
}

struct JobReportTests {
    @Test func `a report has record, counts, errors and timeline`() {
        let fleet = StubFleet([.completed, .failed])

        let text = JobReport(fleet.job, notWell: [fleet.runs[1]]).text(Presenter(format: .table))

        for part in [
            "\(StubFleet.jobID)", "partial failure", "2/2 done · 1 completed · 1 failed", "yes, 1 of 2",
            "web-2  failed  exit code 3: no such table\n", "submitted  -     2 agents",
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }

    @Test func `the timeline has the date where it is not that of the submission`() {
        var job = StubFleet([.completed]).job
        job.timeline?.append(TimelineEvent(timestamp: job.createdAt + .seconds(86_400), event: .completed))

        let text = JobReport(job, notWell: []).text(Presenter(format: .table))
        let (first, next) = (job.createdAt.description, (job.createdAt + .seconds(86_400)).description)

        #expect(text.contains("\n\(first.dropFirst(11)) "))
        #expect(text.contains("\n\(next.prefix(10)) \(next.dropFirst(11)) "))
    }
}

struct ErrorReportTests {
    @Test func `a refusal shows detail, code, request id and every fault with its place`() {
        let problem = Problem(
            status: 400,
            code: "invalid_parameters",
            detail: "off",
            errors: [
                ProblemFault(pointer: "/target", detail: "bad \u{1B}[1m"), ProblemFault(pointer: "", detail: "whole"),
                ProblemFault(parameter: "limit", detail: "must be 1 to 500"),
            ],
            requestID: "r-1"
        )

        let text = ErrorReport(BrokerClientError(code: .refused(problem), message: "off")).description

        let lines = [
            "off (400 invalid_parameters, request r-1)", "  /target: bad ^[[1m", "  whole", "  limit: must be 1 to 500",
        ]
        #expect(text.split(separator: "\n").map(String.init) == lines)
    }

    @Test func `a fault that says what the detail says is left out`() {
        let faults = [
            ProblemFault(pointer: "/target", detail: "no agent"), ProblemFault(pointer: "/note", detail: "too long"),
        ]
        let problem = Problem(status: 400, code: "empty_target", detail: "no agent", errors: faults)

        let text = ErrorReport(BrokerClientError(code: .refused(problem), message: "no agent")).description

        #expect(text == "no agent (400 empty_target)\n  /note: too long")
    }

    @Test func `an answer of another server is told once`() {
        let problem = Problem(status: 404, code: "http_404", detail: "http://host answered 404 Not Found")

        let text = ErrorReport(BrokerClientError(code: .refused(problem), message: "")).description

        #expect(text == "http://host answered 404 Not Found")
    }
}

struct AwayHostsTests {
    private let deadline = Timestamp(milliseconds: 1_795_249_800_125)

    @Test func `one host is named with the deadline`() {
        #expect(
            AwayHosts(["web-2"], isAll: true, deadline: deadline)?.description
                == "1 host is away (web-2) and gets the job on its return, until \(deadline.brief)"
        )
    }

    @Test func `of many hosts five are named`() {
        let hosts = (1...7).map { "h\($0)" }

        #expect(
            AwayHosts(hosts, isAll: false, deadline: deadline)?.description
                == "at least 7 hosts are away (h1, h2, h3, h4, h5 and 2 more) and get the job on their return, "
                + "until \(deadline.brief)"
        )
    }

    @Test func `of no hosts nothing is said`() {
        #expect(AwayHosts([], isAll: true, deadline: deadline) == nil)
    }
}
