// SPDX-License-Identifier: Apache-2.0

import Foundation

/// How large the tests of this folder are: from the environment, or small.
///
/// `BROKER_FAULTS=standard` (as `make test-faults` sets it) runs all of them at their standard size. Without it only a short
/// campaign is run. Each number can be given by itself.
struct FaultsSize: Sendable {
    /// What the random choices follow from; printed, so that they can be made again.
    let seed: UInt64
    /// How long faults are made, in seconds.
    let seconds: Int
    /// How many processes are killed at least; the faults go on until then, up to three times as long.
    let kills: Int
    /// How many agents there are.
    let agents: Int
    /// How many clients submit jobs.
    let clients: Int
    /// How long a client waits at most between two requests, in seconds.
    let pause: Double

    /// Whether everything is to be run.
    static let isStandard = ProcessInfo.processInfo.environment["BROKER_FAULTS"] == "standard"

    /// What the environment asks for.
    static let current = FaultsSize(environment: ProcessInfo.processInfo.environment, isStandard: isStandard)

    /// The same, shorter by a factor.
    func divided(by factor: Int) -> FaultsSize {
        FaultsSize(
            seed: seed,
            seconds: max(1, seconds / factor),
            kills: max(1, kills / factor),
            agents: agents,
            clients: clients,
            pause: pause
        )
    }

    private init(seed: UInt64, seconds: Int, kills: Int, agents: Int, clients: Int, pause: Double) {
        self.seed = seed
        self.seconds = seconds
        self.kills = kills
        self.agents = agents
        self.clients = clients
        self.pause = pause
    }

    init(environment: [String: String], isStandard: Bool) {
        func number(_ name: String) -> Int? { environment["BROKER_FAULTS_\(name)"].flatMap { Int($0) } }
        seed = environment["BROKER_FAULTS_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 0..<1_000_000_000)
        seconds = number("SECONDS") ?? (isStandard ? 180 : 8)
        kills = number("KILLS") ?? (isStandard ? 60 : 2)
        agents = number("AGENTS") ?? (isStandard ? 6 : 3)
        clients = number("CLIENTS") ?? 3
        pause = Double(number("PAUSE_MS") ?? 900) / 1000
    }
}
