// SPDX-License-Identifier: Apache-2.0

import BrokerClient
import Deployments
import Foundation
import Jobs
import StubController
import Testing

/// A receiver that is told what jobs did, with real processes.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct WebhookTests {
    @Test func `a receiver is told how jobs end, once each, also by a controller that was killed meanwhile`()
        async throws
    {
        try await Deployment.with(settings: ["outgoing.allow": "127.0.0.0/8"]) { deployment in
            try await deployment.startAgent("web-1")
            try await StubController.with(
                respond: { _ in .answer(200, []) },
                { receiver in
                    let url = "http://127.0.0.1:\(receiver.port)/hook"
                    let made = try await deployment.broker(
                        "webhooks",
                        "create",
                        url,
                        "--events",
                        "job.completed,job.failed"
                    )
                    #expect(made.status == 0 && made.output.hasPrefix("whsec_"), "\(made)")
                    let (well, badly) = try await deployment.withClient { client in
                        try await deployment.connected(1, client)
                        let jobs = (try await client.submitShell("true"), try await client.submitShell("false"))
                        for job in [jobs.0, jobs.1] {
                            _ = try await deployment.job(job.id, client) { $0.status.isTerminal }
                        }
                        return jobs
                    }
                    try await deployment.killController()
                    try await deployment.startController(settings: ["outgoing.allow": "127.0.0.0/8"])

                    var told: [String: Set<String>] = [:]
                    while told.count < 2 {
                        try await Task.sleep(for: .milliseconds(20))
                        for request in receiver.requests {
                            let message = try JSONText.parse(request.body)
                            let job = message["data"]?["job_id"]?.string ?? ""
                            told[job, default: []].insert(message["type"]?.string ?? "")
                        }
                    }
                    #expect(told == ["\(well.id)": ["job.completed"], "\(badly.id)": ["job.failed"]])
                    let ids = Set(receiver.requests.compactMap { $0.headers["webhook-id"] })
                    #expect(ids.count == 2)
                }
            )
        }
    }

    @Test func `a job tells its own receiver, signed, and webhooks with labels are told of jobs that have them`()
        async throws
    {
        try await Deployment.with(settings: ["outgoing.allow": "127.0.0.0/8"]) { deployment in
            try await deployment.startAgent("web-1")
            try await deployment.withClient { try await deployment.connected(1, $0) }
            try await StubController.with(
                respond: { _ in .answer(200, []) },
                { receiver in
                    let url = "http://127.0.0.1:\(receiver.port)"
                    let made = try await deployment.broker("webhooks", "create", "\(url)/web", "--label", "team=web")
                    #expect(made.status == 0, "\(made)")
                    let webhook = try #require(try await deployment.withClient { try await $0.webhooks().first })
                    let run = try await deployment.broker(
                        "shell",
                        "-t",
                        "web-1",
                        "--label",
                        "team=db",
                        "--webhook",
                        "\(url)/own",
                        "true"
                    )
                    #expect(run.status == 0 && run.errors.contains("webhook secret: whsec_"), "\(run)")
                    let update = try await deployment.broker(
                        "webhooks",
                        "update",
                        webhook.id,
                        "--label",
                        "team=db",
                        "--events",
                        "job.completed"
                    )
                    #expect(update.status == 0 && update.output.contains("team=db"), "\(update)")
                    let second = try await deployment.broker("shell", "-t", "web-1", "--label", "team=db", "true")
                    #expect(second.status == 0, "\(second)")

                    while receiver.requests.count < 2 { try await Task.sleep(for: .milliseconds(20)) }
                    let jobs = try await deployment.withClient { try await $0.jobs().items }
                    let told = try receiver.requests.map { request in
                        let message = try JSONText.parse(request.body)
                        return
                            "\(request.path) \(message["type"]?.string ?? "") \(message["data"]?["job_id"]?.string ?? "")"
                    }
                    #expect(
                        Set(told) == ["/own job.completed \(jobs[1].id)", "/web job.completed \(jobs[0].id)"]
                    )
                    #expect(receiver.requests.allSatisfy { $0.headers["webhook-signature"]?.hasPrefix("v1,") == true })
                    #expect(jobs[1].webhook?.receiver == "127.0.0.1:\(receiver.port)")
                }
            )
        }
    }

    @Test func `a webhook is managed from the command line`() async throws {
        try await Deployment.with(settings: ["outgoing.allow": "127.0.0.0/8"]) { deployment in
            try await StubController.with(
                respond: { _ in .answer(500, []) },
                { receiver in
                    let refused = try await deployment.broker("webhooks", "create", "ftp://x")
                    #expect(refused.status == 5 && refused.errors.contains("https://"), "\(refused)")
                    let url = "http://127.0.0.1:\(receiver.port)/hook"
                    #expect(try await deployment.broker("webhooks", "create", url).status == 0)
                    let webhook = try #require(try await deployment.withClient { try await $0.webhooks().first })
                    #expect(webhook.url == url && webhook.events == WebhookEventType.selectable)
                    #expect(try await deployment.broker("webhooks", "test", webhook.id).status == 0)
                    let delivery = try await deployment.withClient { client in
                        while true {
                            let newest = try await client.deliveries(of: webhook.id).items.first
                            if let newest, newest.attempts > 0 { return newest }
                            try await Task.sleep(for: .milliseconds(20))
                        }
                    }
                    #expect(delivery.state == .pending && delivery.lastStatus == 500)
                    let listed = try await deployment.broker("webhooks", "deliveries", webhook.id, "--state", "pending")
                    #expect(listed.output.contains("webhook.test"))
                    #expect(try await deployment.broker("webhooks", "replay", webhook.id, delivery.id).status == 0)
                    let rotated = try await deployment.broker("webhooks", "rotate", webhook.id, "--overlap", "1h")
                    #expect(rotated.output.hasPrefix("whsec_"))
                    #expect(try await deployment.broker("webhooks", "enable", webhook.id).status == 0)
                    #expect(try await deployment.broker("webhooks", "delete", webhook.id).status == 0)
                    #expect(try await deployment.broker("webhooks", "delete", webhook.id).status == 5)
                }
            )
        }
    }
}
