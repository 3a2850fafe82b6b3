// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Settings

/// `broker-controller init`: all that a controller needs before its first start.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Sets up a new controller: an authority, its certificate, its settings and an admin key.",
        discussion: """
            To be run once, before the first 'broker-controller serve --config DIR/controller.yaml'. The authority, which \
            issues the certificates of the controller and of all agents, and the certificate are made in the state \
            directory, where the controller renews what it issues. The API key of the administrator is printed once. The \
            configuration of 'broker' (~/.config/broker) is written for whoever runs this, unless there is one. What \
            exists already is left as it is and used.

            EXAMPLE: broker-controller init --name broker.example.com
            """
    )

    @Option(help: ArgumentHelp("Where the settings go, controller.yaml.", valueName: "dir"))
    var dir = "/etc/broker"

    @Option(
        name: .customLong("state-dir"),
        help: ArgumentHelp("Where the database, keys and certificates go.", valueName: "dir")
    )
    var stateDirectory = "/var/lib/broker-controller"

    @Option(
        name: .customLong("name"),
        help: ArgumentHelp(
            """
            The name or address by which other hosts reach this controller; may be given again. The certificate is for \
            these names alone (and localhost); the first goes into the API's URL and into join tokens. If left out: all \
            names and addresses that this host has now.
            """,
            valueName: "host"
        )
    )
    var names: [String] = []

    @Option(
        help: ArgumentHelp("Where the HTTP API listens; 0.0.0.0:8443 if left out.", valueName: "host:port"),
        transform: address
    )
    var http = NetworkAddress(host: "0.0.0.0", port: 8443)

    @Option(
        help: ArgumentHelp(
            "Where the controller listens for agents; 0.0.0.0:7443 if left out.",
            valueName: "host:port"
        ),
        transform: address
    )
    var agents = NetworkAddress(host: "0.0.0.0", port: 7443)

    @Option(
        help: ArgumentHelp(
            "Use the authority in this directory (ca.pem, ca-key.pem) instead of a new one.",
            valueName: "dir"
        )
    )
    var authority: String?

    @Option(
        help: ArgumentHelp(
            "Show this certificate to clients of the HTTP API instead of one of the authority; with --key.",
            valueName: "file"
        )
    )
    var certificate: String?

    @Option(help: ArgumentHelp("The private key of --certificate.", valueName: "file"))
    var key: String?

    @Option(
        name: .customLong("admin"),
        help: ArgumentHelp("The name of the administrator's API key.", valueName: "name")
    )
    var admin = "admin"

    func validate() throws {
        guard (certificate == nil) == (key == nil) else {
            throw ValidationError("--certificate and --key go together")
        }
    }

    func run() async throws {
        do {
            let setup = InitialSetup(
                directory: absolutePath(dir),
                stateDirectory: absolutePath(stateDirectory),
                names: names.isEmpty ? nil : names,
                http: http,
                agents: agents,
                authority: authority.map(absolutePath),
                certificate: certificate.flatMap { file in key.map { (absolutePath(file), absolutePath($0)) } },
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
