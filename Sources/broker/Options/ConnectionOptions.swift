// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// Where the controller is and how to speak to it: every command that calls it has these.
struct ConnectionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The controller's URL (BROKER_URL).", valueName: "url"))
    var url: String?

    @Option(
        help: ArgumentHelp(
            "The API key (BROKER_API_KEY); better not here, since others can see it in the list of processes.",
            valueName: "key"
        )
    )
    var key: String?

    @Option(
        help: ArgumentHelp("A PEM file with certificates to trust too (BROKER_CA_FILE).", valueName: "file"),
        completion: .file()
    )
    var caFile: String?

    @Option(
        help: ArgumentHelp(
            "The configuration file, in place of ~/.config/broker/config.yaml.",
            valueName: "file"
        ),
        completion: .file()
    )
    var config: String?

    /// Gives `body` a client with these settings.
    ///
    /// - Throws: ``UsageError`` for settings that are missing or wrong, and what `body` throws.
    func withClient<Result: Sendable>(
        _ console: Console,
        _ body: (BrokerClient) async throws -> Result
    ) async throws -> Result {
        let flags = Settings(url: url, key: key, caFile: caFile)
        let loaded = try SettingsLoader(environment: console.environment).load(flags: flags, path: config)
        for warning in loaded.warnings { console.say("broker: warning: \(warning)") }
        do {
            var configuration = try loaded.settings.clientConfiguration()
            // As programs that are traced tell those that they start.
            configuration.trace = console.environment["TRACEPARENT"].flatMap(TraceContext.init)
            return try await BrokerClient.with(configuration, body)
        } catch let error as BrokerClientError {
            throw loaded.origins.explain(error)
        }
    }
}
