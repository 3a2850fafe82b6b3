// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Jobs
import Membership
import Operations
import Settings

/// `broker-agent join`: makes this host an agent, and starts it.
struct JoinCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Makes this host an agent of a controller, and starts it.",
        discussion: """
            With a token of 'broker agents join-token create' the host is an agent at once. Without one, give --url and \
            --fingerprint, as 'broker-controller init' shows it: the host then waits until somebody says \
            'broker agents accept' for it. The private key is made here and stays here.
            """
    )

    @Argument(help: "The join token.")
    var token: String?

    @Option(help: ArgumentHelp("The controller's API, without a token.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("The fingerprint of its authority, without a token.", valueName: "sha256"))
    var fingerprint: String?

    @Option(help: "The name of this host; what the system says if left out.")
    var hostname: String?

    @Option(
        name: .customLong("label"),
        help: ArgumentHelp("A label of this host; may be given again.", valueName: "name=value")
    )
    var labels: [String] = []

    @Option(help: ArgumentHelp("Where the settings go.", valueName: "file"))
    var config = "/etc/broker/agent.yaml"

    @Option(name: .customLong("tls-dir"), help: ArgumentHelp("Where key and certificates go.", valueName: "dir"))
    var tlsDirectory = "/etc/broker/tls"

    @Option(name: .customLong("state-dir"), help: ArgumentHelp("The agent's state directory.", valueName: "dir"))
    var stateDirectory = "/var/lib/broker-agent"

    @Flag(help: "Trust the API's certificate as the system does, for a controller that shows an own one.")
    var trustSystem = false

    @Flag(help: "Join, and leave the agent to be started by others.")
    var noStart = false

    func validate() throws {
        if token == nil, url == nil || fingerprint == nil {
            throw ValidationError("a token is needed, or --url and --fingerprint")
        }
        if token != nil, url != nil || fingerprint != nil {
            throw ValidationError("a token says the URL and the fingerprint itself")
        }
    }

    func run() async throws {
        do {
            // Before anything is sent: an agent with such labels would not start, and the token would be used up.
            _ = try AgentSettings.labels(labels)
            let file = AgentConfigurationFile(path: absolutePath(config))
            let address = try await request().join { enrolment in
                say("this host waits to be accepted\(enrolment.conflict ? ": another agent has its name" : "")")
                say("  broker agents accept \(enrolment.hostname) --fingerprint sha256:\(enrolment.fingerprint)")
            }
            try file.write(
                controller: address,
                hostname: try name(),
                labels: labels,
                stateDirectory: absolutePath(stateDirectory),
                files: MembershipFiles(directory: absolutePath(tlsDirectory))
            )
            say("joined; settings are in \(file.path)")
            guard !noStart else { return }
            try await AgentAssembly(settings: AgentSettings(AgentProgram.settings(file: config, flags: []))).run()
        } catch {
            throw Failure("this host cannot join", error)
        }
    }

    private func request() throws -> JoinRequest {
        let files = MembershipFiles(directory: absolutePath(tlsDirectory))
        if let token {
            guard let token = JoinToken(token), let authority = CertificateFingerprint(token.authority) else {
                throw Failure("the join token is none: it begins with broker-join.")
            }
            return JoinRequest(
                url: token.url,
                authority: authority,
                trustsSystem: trustSystem,
                secret: token.secret,
                hostname: try name(),
                files: files
            )
        }
        guard let url, let authority = fingerprint.flatMap(CertificateFingerprint.init) else {
            throw Failure("--fingerprint takes 64 hexadecimal digits")
        }
        return JoinRequest(
            url: url,
            authority: authority,
            trustsSystem: trustSystem,
            secret: nil,
            hostname: try name(),
            files: files
        )
    }

    private func name() throws -> String {
        guard let name = hostname ?? HostFacts.hostname else {
            throw Failure("the system does not say this host's name; use --hostname")
        }
        if let fault = AgentNames.fault(inHostname: name) { throw Failure("\(fault); use --hostname") }
        return name
    }

    /// To stderr, where it is seen beside the agent's log.
    private func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }
}
