// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Jobs

/// A URL that is told of the job alone.
struct JobWebhookOptions: ParsableArguments {
    @Option(
        name: .customLong("webhook"),
        help: ArgumentHelp("Where to tell how the job ends: https://…", valueName: "url")
    )
    var url: String?

    @Option(
        name: .customLong("webhook-events"),
        help: ArgumentHelp(
            "Of what to tell there; can be given again, or with commas. How it ends if left out.",
            valueName: "event,..."
        )
    )
    var events: [String] = []

    @Option(
        name: .customLong("webhook-secret-env"),
        help: ArgumentHelp(
            "The variable with the secret (whsec_…) that signs what is told; if left out, one is made and shown.",
            valueName: "name"
        )
    )
    var secretVariable: String?

    /// The secret; nil where the controller is to make one.
    private var secret: String? {
        // Not on the command line, which everybody on this machine can see.
        secretVariable.flatMap { ProcessInfo.processInfo.environment[$0] }
    }

    func validate() throws {
        guard url != nil || (events.isEmpty && secretVariable == nil) else {
            throw ValidationError("--webhook-events and --webhook-secret-env go with --webhook")
        }
        if let secretVariable, secret == nil {
            throw ValidationError(
                "--webhook-secret-env \(secretVariable): there is no such variable in the environment"
            )
        }
        _ = try eventTypes(events)
    }

    /// What the submission asks for.
    var request: JobWebhookRequest? {
        url.map { url in
            // Checked when the command line was.
            JobWebhookRequest(url: url, events: events.isEmpty ? nil : try? eventTypes(events), secret: secret)
        }
    }
}
