// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Settings

/// `broker-controller init`: all that a controller needs before its first start.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Makes an authority, the controller's certificate, its settings and an admin key.",
        discussion: """
            The authority and the certificate are made in the state directory, where the controller can renew what it \
            issues. The key is printed once. The configuration of 'broker' is written for whoever runs this, unless there \
            is one. What exists already is left as it is and used.
            """
    )

    @Option(help: ArgumentHelp("Where controller.yaml and the API keys go.", valueName: "dir"))
    var dir = "/etc/broker"

    @Option(name: .customLong("state-dir"), help: ArgumentHelp("The controller's state directory.", valueName: "dir"))
    var stateDirectory = "/var/lib/broker-controller"

    @Option(
        name: .customLong("name"),
        help: "A name or address that clients and agents dial, the best one first; this host's own if left out."
    )
    var names: [String] = []

    @Option(help: ArgumentHelp("Where the HTTP API listens.", valueName: "host:port"), transform: address)
    var http = NetworkAddress(host: "0.0.0.0", port: 8443)

    @Option(help: ArgumentHelp("Where agents are listened for.", valueName: "host:port"), transform: address)
    var agents = NetworkAddress(host: "0.0.0.0", port: 7443)

    @Option(help: ArgumentHelp("Use the authority in this directory (ca.pem, ca-key.pem).", valueName: "dir"))
    var authority: String?

    @Option(help: ArgumentHelp("Show this certificate for HTTPS, with --key.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("The private key of --certificate.", valueName: "file"))
    var key: String?

    @Option(name: .customLong("admin"), help: "The name of the admin key.")
    var admin = "admin"

    func validate() throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key go together")
        }
    }

    func run() async throws {
        do {
            let setup = InitialSetup(
                directory: dir,
                stateDirectory: stateDirectory,
                names: names.isEmpty ? nil : names,
                http: http,
                agents: agents,
                authority: authority,
                certificate: certificate.flatMap { certificate in key.map { (certificate, $0) } },
                admin: admin,
                environment: ProcessInfo.processInfo.environment
            )
            print(try await setup.run(now: Date()), terminator: "")
        } catch {
            throw Failure("the controller cannot be set up", error)
        }
    }

    private static func address(_ text: String) throws -> NetworkAddress {
        guard let address = NetworkAddress(text) else { throw ValidationError("'\(text)' is not HOST:PORT") }
        return address
    }
}
