// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BrokerClient
import CommandLine
import Jobs

/// `broker agents accept`: makes a host that waits an agent.
struct AgentsAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Make a host that waits an agent, and show its key's fingerprint.",
        usage: "broker agents accept <host> [<options>]",
        discussion: """
            The fingerprint is what 'broker-agent join' shows on the host; with --fingerprint only that key is \
            accepted. Where another agent has the host's name, the new one takes its place, and the old one is cut \
            off.

            EXAMPLES
              broker agents accept web-1 --label env=prod
            """
    )

    @Argument(help: "The name of the host, or its id where several of that name wait.")
    var host: String

    @Option(help: ArgumentHelp("Accept only this key, as the host shows it.", valueName: "sha256"))
    var fingerprint: String?

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp("A label for it; may be given again.", valueName: "name=value")
    )
    var labels: [String] = []

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let console = Console()
        let presenter = output.presenter(console)
        let given = try givenLabels(labels)
        var expected: CertificateFingerprint?
        if let fingerprint {
            guard let read = CertificateFingerprint(fingerprint) else {
                throw UsageError("--fingerprint takes 64 hexadecimal digits")
            }
            expected = read
        }
        try await connection.withClient(console) { client in
            let fitting = try await client.waiting(host)
            if let expected, !fitting.contains(where: { $0.fingerprint == expected.digits }) {
                throw UsageError("no host '\(host)' waits with the key \(expected); nobody was accepted")
            }
            // By its key, so that what was compared is what is accepted; where nothing fits, the controller says why.
            let chosen = expected.map { expected in fitting.filter { $0.fingerprint == expected.digits } } ?? fitting
            let place = chosen.count == 1 ? chosen[0].id.text : host
            let accepted = try await client.accept(place, labels: labels.isEmpty ? nil : given)
            console.write(
                try presenter.text(one: accepted, .enrolments) {
                    "\($0.hostname) accepted, with the key sha256:\($0.fingerprint)\n"
                }
            )
        }
    }
}

extension BrokerClient {
    /// The hosts that wait under this name or id.
    fileprivate func waiting(_ host: String) async throws -> [Enrolment] {
        let all = try await enrolments(state: .pending, limit: 500).items
        return all.filter { $0.id.text == host || $0.hostname.lowercased() == host.lowercased() }
    }
}

/// The labels of options `name=value`.
///
/// - Throws: ``UsageError`` for such as an agent may not have, before anybody is asked.
func givenLabels(_ pairs: [String]) throws(UsageError) -> [String: String] {
    var labels: [String: String] = [:]
    for pair in pairs {
        let (name, value) = try nameAndValue(pair, option: "--label")
        if let fault = AgentNames.fault(inLabel: name, value: value) { throw UsageError("--label: \(fault)") }
        labels[name] = value
    }
    return labels
}
