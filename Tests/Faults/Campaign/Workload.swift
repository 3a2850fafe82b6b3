// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Foundation
import Jobs
import Synchronization

/// Submits jobs of many kinds, and writes down what it was told.
struct Workload: Sendable {
    let hostnames: [String]
    /// Where commands leave their lines, one file a host.
    let traces: URL
    let isOver: @Sendable () -> Bool

    /// Submits until it is over.
    ///
    /// - Parameters:
    ///   - generator: what to submit, and when.
    ///   - client: with a timeout, since the controller may be stopped.
    /// - Returns: every submission with its answer.
    /// - Throws: `CancellationError`.
    func run(_ generator: SeededGenerator, _ client: BrokerClient) async throws -> [Evidence.Submission] {
        var generator = generator
        var submissions: [Evidence.Submission] = []
        while !isOver() {
            let (request, hosts) = request(&generator)
            let answer = await Self.submit(request, client)
            submissions.append(Evidence.Submission(marker: request.note ?? "", hosts: hosts, answer: answer))
            try await Task.sleep(for: generator.duration(0.05...0.9))
        }
        return submissions
    }

    private static func submit(_ request: JobRequest, _ client: BrokerClient) async -> Evidence.Answer {
        do {
            return .accepted(try await client.submit(request).id.description)
        } catch let error as BrokerClientError {
            if let problem = error.problem { return .refused("\(problem.status) \(problem.code)") }
            return .unknown("\(error.code): \(error.message)")
        } catch {
            return .unknown("\(error)")
        }
    }

    private func request(_ generator: inout SeededGenerator) -> (JobRequest, hosts: Int?) {
        // Not from the generator: a file of lines may outlive a campaign.
        let marker = UUID().uuidString.lowercased()
        let (command, timeout) = command(marker, &generator)
        let (target, hosts) = target(&generator)
        let request = JobRequest(
            operation: OperationRequest(
                type: "command.shell",
                data: ["command": .string(command), "timeout": .double(timeout), "output_limit": .int(20_000)]
            ),
            target: target,
            deadline: [1, 2, 4, 8, 15, 25].randomElement(using: &generator),
            note: marker
        )
        return (request, hosts)
    }

    private func command(_ marker: String, _ generator: inout SeededGenerator) -> (String, timeout: Double) {
        // One write: dash's printf writes its line at once.
        let trace = "printf '%s %s %s\\n' \(marker) \"$BROKER_HOSTNAME\" $$ >>'\(traces.path)'/\"$BROKER_HOSTNAME\""
        let out = "echo out-\(marker)"
        let pause = Double.random(in: 0.1...4, using: &generator)
        switch Int.random(in: 0..<9, using: &generator) {
        case 0..<3: return ("\(trace); \(out)", 10)
        case 3: return ("sleep \(pause); \(trace); \(out)", 10)
        case 4: return ("\(trace); \(out); sleep \(pause)", 10)
        case 5: return ("\(trace); \(out); exit 3", 10)
        case 6: return ("\(trace); \(out); head -c \(Int(pause * 100_000)) /dev/zero | tr '\\0' x", 10)
        case 7: return ("\(trace); \(out); sleep 10", 1)
        default: return ("trap '' TERM; \(trace); \(out); sleep 6", 1)
        }
    }

    private func target(_ generator: inout SeededGenerator) -> (String, hosts: Int?) {
        let one = hostnames.randomElement(using: &generator) ?? ""
        switch Int.random(in: 0..<6, using: &generator) {
        case 0, 1: return ("_all", hostnames.count)
        case 2: return ("not \(one)", hostnames.count - 1)
        case 3: return ("_any", nil)
        case 4: return ("env=test and \(one)", 1)
        default: return (one, 1)
        }
    }
}
