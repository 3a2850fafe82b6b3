// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Foundation
import Jobs
import Randomness
import Synchronization

/// Submits jobs of many kinds, cancels, retries and deletes some of them, and writes down what it was told.
struct Workload: Sendable {
    let hostnames: [String]
    /// Where commands leave their lines, one file a host.
    let traces: URL
    /// The pause between two requests, in seconds, is up to this.
    let pause: Double
    let isOver: @Sendable () -> Bool

    /// What one client did, and what it was told.
    struct Told: Sendable {
        var submissions: [Evidence.Submission] = []
        var deeds: [Evidence.Deed] = []
    }

    /// Works until it is over.
    ///
    /// - Parameters:
    ///   - generator: what to do, and when.
    ///   - client: with a timeout, since the controller may be stopped.
    /// - Returns: every request with its answer.
    /// - Throws: `CancellationError`.
    func run(_ generator: SeededGenerator, _ client: BrokerClient) async throws -> Told {
        var generator = generator
        var told = Told()
        var mine: [String] = []
        while !isOver() {
            if Int.random(in: 0..<4, using: &generator) == 0, let id = mine.randomElement(using: &generator) {
                let deed = await deed(&generator, on: id, client)
                if deed.kind == .retry, case .accepted(let new) = deed.answer { mine.append(new) }
                if deed.kind == .delete { mine.removeAll { $0 == id } }
                told.deeds.append(deed)
            } else {
                let submission = await submit(&generator, client)
                if case .accepted(let id) = submission.answer { mine.append(id) }
                told.submissions.append(submission)
            }
            // Old jobs have ended; it is the young ones that can be cancelled.
            if mine.count > 12 { mine.removeFirst() }
            try await Task.sleep(for: generator.duration(0.02...max(0.03, pause)))
        }
        return told
    }

    // MARK: Requests

    private func submit(_ generator: inout SeededGenerator, _ client: BrokerClient) async -> Evidence.Submission {
        let (request, hosts) = request(&generator)
        let answer = await Self.answer { try await client.submit(request).id.description }
        let reruns = request.onInterrupt == .rerun ? ExecutionPolicy.attemptsOfReruns : 1
        return Evidence.Submission(
            marker: request.note ?? "",
            hosts: hosts,
            attempts: max(reruns, request.retry?.maxAttempts ?? 1),
            answer: answer
        )
    }

    private func deed(
        _ generator: inout SeededGenerator,
        on id: String,
        _ client: BrokerClient
    ) async -> Evidence.Deed {
        let jobID = JobID(id) ?? JobID(high: 0, low: 0)
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<6:
            let grace: Double? = [nil, 0, 1, 3].randomElement(using: &generator) ?? nil
            let answer = await Self.answer { try await client.cancel(jobID, grace: grace).id.description }
            return Evidence.Deed(kind: .cancel, jobID: id, answer: answer)
        case 6..<9:
            let only = RetrySelection.allCases.randomElement(using: &generator) ?? .all
            let answer = await Self.answer { try await client.retry(jobID, only: only).id.description }
            return Evidence.Deed(kind: .retry, jobID: id, answer: answer)
        default:
            let answer = await Self.answer {
                try await client.delete(jobID)
                return id
            }
            return Evidence.Deed(kind: .delete, jobID: id, answer: answer)
        }
    }

    private static func answer(_ request: () async throws -> String) async -> Evidence.Answer {
        do {
            return .accepted(try await request())
        } catch let error as BrokerClientError {
            if let problem = error.problem { return .refused("\(problem.status) \(problem.code)") }
            return .unknown("\(error.code): \(error.message)")
        } catch {
            return .unknown("\(error)")
        }
    }

    // MARK: Jobs

    private func request(_ generator: inout SeededGenerator) -> (JobRequest, hosts: Int?) {
        // Not from the generator: a file of lines may outlive a campaign.
        let marker = UUID().uuidString.lowercased()
        let (command, timeout) = command(marker, &generator)
        let (target, hosts) = target(&generator)
        let retries = Int.random(in: 0..<4, using: &generator) == 0
        let request = JobRequest(
            operation: OperationRequest(
                type: "command.shell",
                data: ["command": .string(command), "timeout": .double(timeout), "output_limit": .int(20_000)]
            ),
            target: target,
            deadline: [1, 2, 4, 8, 15, 25].randomElement(using: &generator),
            note: marker,
            retry: retries ? RetryPolicy(maxAttempts: 3, backoff: 0.5) : nil,
            onInterrupt: Int.random(in: 0..<4, using: &generator) == 0 ? .rerun : nil,
            parallel: Int.random(in: 0..<8, using: &generator) != 0
        )
        return (request, hosts)
    }

    private func command(_ marker: String, _ generator: inout SeededGenerator) -> (String, timeout: Double) {
        let trace = "\(Self.line(marker)) >>'\(traces.path)'/\"$BROKER_HOSTNAME\""
        let late = "\(Self.line(marker, time: true)) >>'\(traces.path)'/late"
        let out = "echo out-\(marker)"
        let pause = Double.random(in: 0.1...4, using: &generator)
        switch Int.random(in: 0..<16, using: &generator) {
        case 0..<6: return ("\(trace); \(out)", 10)
        case 6: return ("sleep \(pause); \(trace); \(out)", 10)
        case 7: return ("\(trace); \(out); sleep \(pause)", 10)
        case 8: return ("\(trace); \(out); exit 3", 10)
        // Fails at first, and not for ever.
        case 9, 10: return ("\(trace); \(out); [ $BROKER_ATTEMPT -ge 2 ]", 10)
        case 11: return ("\(trace); \(out); head -c \(Int(pause * 100_000)) /dev/zero | tr '\\0' x", 10)
        case 12: return ("\(trace); \(out); sleep 10", 1)
        case 13: return ("trap '' TERM; \(trace); \(out); sleep 6", 1)
        // What leaves its group and its session, and lets nobody end it politely, has to end all the same.
        case 14:
            let escaped = "trap '' TERM; sleep 9; \(late)"
            return ("\(trace); \(out); (setsid sh -c \"\(Self.quoted(escaped))\" &) ; sleep 12", 3)
        default: return ("\(trace); \(out); sleep 9; \(late)", [3, 20].randomElement(using: &generator) ?? 3)
        }
    }

    /// One write: dash's printf writes its line at once.
    private static func line(_ marker: String, time: Bool = false) -> String {
        "printf '%s %s %s %s\(time ? " %s" : "")\\n' \(marker) \"$BROKER_HOSTNAME\" \"$BROKER_JOB_ID\" "
            + "\"$BROKER_ATTEMPT\"\(time ? " \"$(date +%s%3N)\"" : "")"
    }

    /// A command as it goes between double quotes.
    private static func quoted(_ command: String) -> String {
        command.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
            .replacingOccurrences(of: "$", with: "\\$")
    }

    private func target(_ generator: inout SeededGenerator) -> (String, hosts: Int?) {
        let one = hostnames.randomElement(using: &generator) ?? ""
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1: return ("_all", hostnames.count)
        case 2: return ("not \(one)", hostnames.count - 1)
        case 3: return ("_any", 1)
        case 4: return ("env=test and \(one)", 1)
        default: return (one, 1)
        }
    }
}
