// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Jobs
import NIOCore
import NIOHTTP1
import Store

/// How long listings, records and filters take over HTTP, before a history of some size.
struct ListMeasurement: Sendable {
    var filling = StoreFilling(jobs: 1000, wideJob: 10_000)
    var requests = 300
    var connections = 8
    var duration = Duration.seconds(2)

    /// Fills the store of `controller`, starts it, and measures.
    func measure(_ controller: ControllerProcess) async throws -> Figures {
        var figures = Figures(
            "list",
            [
                ("jobs", .int(Int64(filling.jobs))), ("runs_per_job", .int(Int64(filling.runsPerJob))),
                ("wide_job", .int(Int64(filling.wideJob))), ("requests", .int(Int64(requests))),
                ("connections", .int(Int64(connections))),
            ]
        )
        let start = ContinuousClock.now
        let store = try SQLiteStore(path: controller.stateDirectory + "/broker.sqlite")
        let wide = try await filling.fill(store)
        try await store.close()
        figures.set("filling_s", (ContinuousClock.now - start).inSeconds)
        let starting = ContinuousClock.now
        return try await Testbed.with(controller) { [figures] testbed in
            var figures = figures
            figures.set("controller_start_s", (ContinuousClock.now - starting).inSeconds)
            guard let port = testbed.own?.httpPort, let key = testbed.own?.key else { return figures }
            let load = HTTPLoad(port: port, key: key)
            for (name, path) in try await paths(wide: wide, testbed.client) {
                let times = try await load.times(path, count: requests, after: Self.changes)
                figures.set("\(name)_p50_ms", times.percentile(0.5))
                figures.set("\(name)_p99_ms", times.percentile(0.99))
            }
            try await compare(load, "page", "/api/v1/jobs?status=failed&limit=50", &figures)
            try await compare(load, "small", "/api/v1/jobs?limit=1", &figures)
            let distinct = try await load.rate(connections: connections, duration: duration) { number in
                "/api/v1/jobs?limit=50&offset=\(number % 10_000)"
            }
            figures.set("distinct_pages_requests_per_second", distinct)
            figures.add(try await ExportMeasurement(jobs: filling.jobs).measure(testbed), prefix: "export")
            if let memory = ProcessMemory(of: testbed.pid) { figures.set("controller_mib", memory.resident) }
            return figures
        }
    }

    /// What is written between two requests, so that none is answered by what was read for the one before.
    private static let changes = ["drain", "resume"].map { word in
        HTTPLoad.Ask(method: .POST, path: "/api/v1/agents/filled-1/\(word)")
    }

    /// What is asked for, at several depths by cursor and by offset.
    private func paths(wide: JobID?, _ client: BrokerClient) async throws -> [(String, String)] {
        let failed = filling.jobs / filling.failEvery
        var paths = [
            ("failed_cursor_half_way", try await cursorPath(.failed, depth: failed / 2, client)),
            ("failed_cursor_at_the_end", try await cursorPath(.failed, depth: failed - 51, client)),
            ("jobs_cursor_at_the_end", try await cursorPath(nil, depth: filling.jobs - 51, client)),
            ("jobs_first_page", "/api/v1/jobs?limit=50"),
            ("jobs_half_way", "/api/v1/jobs?limit=50&offset=\(filling.jobs / 2)"),
            ("jobs_at_the_end", "/api/v1/jobs?limit=50&offset=\(max(0, filling.jobs - 50))"),
            ("failed_first_page", "/api/v1/jobs?status=failed&limit=50"),
            ("failed_half_way", "/api/v1/jobs?status=failed&limit=50&offset=\(failed / 2)"),
            ("failed_at_the_end", "/api/v1/jobs?status=failed&limit=50&offset=\(max(0, failed - 50))"),
            ("agents_first_page", "/api/v1/agents?limit=50"),
            ("status", "/api/v1/status"),
        ]
        paths += try await filteredPaths(client)
        guard let wide else { return paths }
        paths += [
            ("wide_job", "/api/v1/jobs/\(wide)"),
            ("wide_runs_first_page", "/api/v1/jobs/\(wide)/runs?limit=100"),
            ("wide_runs_at_the_end", "/api/v1/jobs/\(wide)/runs?limit=100&offset=\(max(0, filling.wideJob - 100))"),
            ("wide_runs_failed", "/api/v1/jobs/\(wide)/runs?limit=100&status=failed"),
            ("wide_timeline", "/api/v1/jobs/\(wide)/timeline?limit=100"),
        ]
        return paths
    }

    /// Every filter: its first page, with the number of all that fit, and a page behind a cursor half way.
    private func filteredPaths(_ client: BrokerClient) async throws -> [(String, String)] {
        let newest = try await client.jobs(limit: 1).items.first
        let from = newest.map { $0.createdAt + .seconds(-1) } ?? .now()
        let prefix = newest.map { String("\($0.id)".prefix(9)) } ?? "0"
        let filters: [(String, String, (inout JobFilter) -> Void)] = [
            ("two_statuses", "status=failed,completed", { $0.statuses = [.failed, .completed] }),
            ("operation", "operation=ping", { $0.operations = ["ping"] }),
            ("operation_prefix", "operation=host.*", { $0.operations = ["host.*"] }),
            ("changed", "changed=true", { $0.change = .changed }),
            ("agent", "agent=filled-7", { $0.agent = "filled-7" }),
            (
                "agent_failed", "agent=filled-1&agent_status=failed",
                {
                    $0.agent = "filled-1"
                    $0.agentStatuses = [.failed]
                }
            ),
            ("created_by", "created_by=bench-a", { $0.createdBy = "bench-a" }),
            ("label_common", "label.team=common", { $0.labels = ["team": "common"] }),
            ("label_rare", "label.team=rare", { $0.labels = ["team": "rare"] }),
            ("from", "from=\(from)", { $0.from = from }),
            ("search", "search=\(prefix)", { $0.search = prefix }),
            (
                "combined", "status=failed&created_by=bench-b&operation=host.*&label.team=common",
                {
                    $0.statuses = [.failed]
                    $0.createdBy = "bench-b"
                    $0.operations = ["host.*"]
                    $0.labels = ["team": "common"]
                }
            ),
        ]
        var paths: [(String, String)] = []
        for (name, query, change) in filters {
            var filter = JobFilter()
            change(&filter)
            let number = try await client.jobs(filter, limit: 1).totalItems ?? 0
            let before = try await client.jobs(filter, limit: 1, from: .offset(number / 2))
            paths.append(("\(name)_counted", "/api/v1/jobs?limit=50&\(query)"))
            paths.append(("\(name)_first_page", "/api/v1/jobs?limit=50&count=false&\(query)"))
            guard let cursor = before.nextCursor else { continue }
            paths.append(("\(name)_cursor_half_way", "/api/v1/jobs?limit=50&\(query)&cursor=\(cursor)"))
        }
        return paths
    }

    /// The page behind the item at some depth.
    private func cursorPath(_ status: JobStatus?, depth: Int, _ client: BrokerClient) async throws -> String {
        let before = try await client.jobs(JobFilter(status: status), limit: 1, from: .offset(max(0, depth)))
        let filter = status.map { "&status=\($0.rawValue)" } ?? ""
        return "/api/v1/jobs?limit=50\(filter)" + (before.nextCursor.map { "&cursor=\($0)" } ?? "")
    }

    /// Requests a second, and those of a bare server with the same bytes.
    private func compare(_ load: HTTPLoad, _ name: String, _ path: String, _ figures: inout Figures) async throws {
        let rate = try await load.rate(connections: connections, duration: duration) { _ in path }
        let body = try await load.body(path)
        let bare = try await BareHTTP.with(answering: body) { port in
            try await HTTPLoad(port: port, key: load.key)
                .rate(connections: connections, duration: duration) { _ in "/bytes" }
        }
        figures.set("\(name)_bytes", Double(body.readableBytes))
        figures.set("\(name)_requests_per_second", rate)
        figures.set("\(name)_bare_requests_per_second", bare)
        figures.set("\(name)_of_bare", rate / bare)
    }
}
