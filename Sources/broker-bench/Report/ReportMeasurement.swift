// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// All measurements one after the other, each with a controller of its own, and the ceilings in between.
struct ReportMeasurement: Sendable {
    let size: ReportSize
    let directory: String
    /// Whether each step is told on standard error.
    let isTold: Bool

    struct Result: Sendable {
        var figures: Figures
    }

    private var fleet: Int { size == .smoke ? 10 : 1000 }
    private var rounds: Int { size == .smoke ? 2 : 10 }

    func measure() async throws -> Result {
        var figures = Figures("report", [("size", .string(size.rawValue)), ("agents", .int(Int64(fleet)))])
        let ceiling = CeilingMeasurement(
            agents: fleet,
            rounds: rounds,
            duration: size == .smoke ? .milliseconds(100) : .seconds(2)
        )
        figures.add(try await step("ceiling") { try await ceiling.measure(directory: directory) }, prefix: "ceiling")
        for link in [ControllerProcess.Link.plain, .tunnel] {
            let name = link.rawValue
            figures.add(try await step("\(name): jobs") { try await jobs(link) }, prefix: name)
            figures.add(try await step("\(name): ingest") { try await ingest(link) }, prefix: "\(name)_ingest")
            figures.add(try await step("\(name): connect") { try await connect(link) }, prefix: "\(name)_connect")
        }
        figures.add(try await step("real agents") { try await processes() }, prefix: "processes")
        figures.add(try await step("short history") { try await list(1000) }, prefix: "short_history")
        figures.add(try await step("long history") { try await list(history) }, prefix: "long_history")
        figures.add(try await step("soak") { try await soak() }, prefix: "soak")
        if size == .full {
            figures.add(try await step("10,000 agents") { try await great(.plain, 10_000) }, prefix: "great_plain")
            figures.add(try await step("5,000 agents") { try await great(.tunnel, 5000) }, prefix: "great_tunnel")
        }
        return Result(figures: figures)
    }

    private var history: Int {
        switch size {
        case .smoke: 1100
        case .short: 100_000
        case .full: 1_000_000
        }
    }

    // MARK: Steps

    private func step(_ name: String, _ body: () async throws -> Figures) async throws -> Figures {
        let start = ContinuousClock.now
        let figures = try await body()
        if isTold { printToStandardError("\(name): \((ContinuousClock.now - start).inSeconds.shown) s") }
        return figures
    }

    private func controller(_ link: ControllerProcess.Link, isHTTPPlain: Bool = false) throws -> ControllerProcess {
        var configuration = ControllerProcess.Configuration()
        configuration.link = link
        configuration.isHTTPPlain = isHTTPPlain
        return try ControllerProcess(configuration, directory: "\(directory)/\(UUID().uuidString)")
    }

    /// One job to one agent, to all of them, and many jobs to one agent each.
    private func jobs(_ link: ControllerProcess.Link) async throws -> Figures {
        try await Testbed.with(controller(link)) { testbed in
            let figures = Figures("jobs")
            let before = ProcessMemory(of: testbed.pid)
            return try await Fleet.with(.init(size: fleet), on: testbed) { [figures] in
                var figures = figures
                if let before, let with = ProcessMemory(of: testbed.pid) {
                    figures.set("controller_mib", with.resident)
                    figures.set("kib_per_agent", (with.resident - before.resident) * 1024 / Double(fleet))
                }
                let one = DispatchMeasurement(target: "sim-1", rounds: rounds * 10, pause: .milliseconds(10))
                figures.add(try await one.measure(testbed), prefix: "one")
                let all = DispatchMeasurement(rounds: rounds, pause: .milliseconds(200))
                figures.add(try await all.measure(testbed), prefix: "all")
                let many = SubmitMeasurement(jobs: fleet * 2, agents: min(64, fleet))
                figures.add(try await many.measure(testbed), prefix: "submit")
                return figures
            }
        }
    }

    private func ingest(_ link: ControllerProcess.Link) async throws -> Figures {
        let measurement = IngestMeasurement(agents: fleet, jobs: rounds, rounds: 2)
        return try await Testbed.with(controller(link)) { try await measurement.measure($0) }
    }

    private func connect(_ link: ControllerProcess.Link) async throws -> Figures {
        let measurement = ConnectMeasurement(agents: fleet)
        return try await Testbed.with(controller(link)) { try await measurement.measure($0) }
    }

    private func processes() async throws -> Figures {
        let measurement = DispatchMeasurement(operation: "command.exec", rounds: rounds)
        return try await Testbed.with(controller(.tunnel)) { testbed in
            try await AgentProcesses.with(size == .smoke ? 2 : 50, on: testbed) { agents in
                var figures = try await measurement.measure(testbed)
                let idle = IdleMeasurement(pids: agents, duration: size == .smoke ? .milliseconds(200) : .seconds(20))
                figures.add(try await idle.measure(), prefix: "idle_agent")
                return figures
            }
        }
    }

    private func list(_ jobs: Int) async throws -> Figures {
        var measurement = ListMeasurement()
        measurement.filling = StoreFilling(jobs: jobs, wideJob: size == .smoke ? 100 : 10_000)
        if size == .smoke {
            measurement.requests = 10
            measurement.duration = .milliseconds(100)
        }
        return try await measurement.measure(controller(.tunnel, isHTTPPlain: true))
    }

    private func soak() async throws -> Figures {
        let seconds: Duration =
            switch size {
            case .smoke: .seconds(1)
            case .short: .seconds(20)
            case .full: .seconds(600)
            }
        let measurement = SoakMeasurement(duration: seconds, rate: 5)
        let agents = min(200, fleet)
        return try await Testbed.with(controller(.tunnel)) { testbed in
            try await Fleet.with(.init(size: agents), on: testbed) {
                try await measurement.measure(testbed, agents: agents)
            }
        }
    }

    private func great(_ link: ControllerProcess.Link, _ agents: Int) async throws -> Figures {
        let connect = ConnectMeasurement(agents: agents)
        var figures = try await Testbed.with(controller(link)) { try await connect.measure($0) }
        let all = DispatchMeasurement(rounds: 5, pause: .seconds(1))
        figures.add(
            try await Testbed.with(controller(link)) { testbed in
                try await Fleet.with(.init(size: agents), on: testbed) { try await all.measure(testbed) }
            },
            prefix: "all"
        )
        return figures
    }
}
