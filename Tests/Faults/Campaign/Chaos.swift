// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import Randomness

/// Makes things go wrong, one after the other, on one subject; what it does follows from its generator.
struct Chaos {
    /// When to stop making faults.
    let isOver: @Sendable () -> Bool
    let journal: Journal
    var generator: SeededGenerator

    /// Kills, stops and ends the controller until it is over; then it runs.
    mutating func beset(_ deployment: Deployment, settings: [String: String]) async throws {
        while !isOver() {
            try await Task.sleep(for: generator.duration(0.5...5))
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                journal.note("kill", "controller")
                try await deployment.killController()
            case 6:
                journal.note("end", "controller")
                deployment.controllerProgram?.signal(SIGTERM)
                try await deployment.controllerProgram?.ended()
            default:
                journal.note("stop", "controller")
                deployment.controllerProgram?.signal(SIGSTOP)
                try await Task.sleep(for: generator.duration(0.2...6))
                deployment.controllerProgram?.signal(SIGCONT)
                continue
            }
            try await Task.sleep(for: generator.duration(0...3))
            try await deployment.startController(settings: settings)
            journal.note("start", "controller")
        }
    }

    /// Kills, stops and ends an agent until it is over; then it runs.
    mutating func besetAgent(of host: Host) async throws {
        while !isOver() {
            try await Task.sleep(for: generator.duration(1...12))
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<6:
                journal.note("kill", host.name)
                try await host.agent?.killed()
            case 6:
                journal.note("end", host.name)
                host.agent?.signal(SIGTERM)
                try await host.agent?.ended()
            default:
                journal.note("stop", host.name)
                host.agent?.signal(SIGSTOP)
                try await Task.sleep(for: generator.duration(0.2...14))
                host.agent?.signal(SIGCONT)
                continue
            }
            try await Task.sleep(for: generator.duration(0...5))
            try await host.start()
            journal.note("start", host.name)
        }
    }

    /// Drains and resumes agents until it is over; then all are resumed.
    mutating func drain(_ hostnames: [String], of deployment: Deployment) async throws {
        while !isOver() {
            let hostname = hostnames.randomElement(using: &generator) ?? ""
            try await Task.sleep(for: generator.duration(2...8))
            journal.note("drain", hostname)
            // The controller may be away: then there is no drain, or it is ended below.
            try await deployment.withClient(timeout: .seconds(4)) { client in
                _ = try? await client.drain(hostname, reason: "chaos")
            }
            try await Task.sleep(for: generator.duration(0.5...8))
            try await Self.resume(hostname, of: deployment)
        }
        for hostname in hostnames { try await Self.resume(hostname, of: deployment) }
    }

    private static func resume(_ hostname: String, of deployment: Deployment) async throws {
        while true {
            let agent = try await deployment.withClient(timeout: .seconds(4)) { try? await $0.resume(hostname) }
            if agent?.drain == nil, agent != nil { return }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Makes faults on a link until it is over; then it is healed.
    mutating func beset(_ link: any Link, of name: String) async throws {
        while !isOver() {
            try await Task.sleep(for: generator.duration(0.5...10))
            if Int.random(in: 0..<3, using: &generator) == 0 {
                journal.note("reset", name)
                try link.reset()
                continue
            }
            journal.note("disturb", name, try link.disturb(&generator))
            try await Task.sleep(for: generator.duration(0.3...12))
            // What was held comes late, or its connection is cut.
            if Bool.random(using: &generator) { try link.reset() }
            try link.heal()
            journal.note("heal", name)
        }
    }
}
