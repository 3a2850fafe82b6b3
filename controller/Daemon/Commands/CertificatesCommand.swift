// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Authority
import FoundationEssentials
import Jobs

/// `broker-controller certificates`: a small authority for those who have none.
struct CertificatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certificates",
        abstract: "Makes an authority and issues certificates for the controller and for agents.",
        discussion: """
            Any authority will do; this one is for those who have none at hand. Keep the authority's directory off the \
            hosts: whoever has its key can become any agent.
            """,
        subcommands: [Initialise.self, Server.self, Agent.self]
    )

    /// Where the authority is.
    struct AuthorityOption: ParsableArguments {
        @Option(name: .customLong("authority"), help: ArgumentHelp("Directory of the authority.", valueName: "dir"))
        var directory: String
    }

    /// Where certificates go.
    struct OutputOption: ParsableArguments {
        @Option(name: .customLong("out"), help: ArgumentHelp("Directory to write to.", valueName: "dir"))
        var directory: String
    }

    /// `broker-controller certificates init`.
    struct Initialise: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "init",
            abstract: "Makes an authority: ca.pem and ca-key.pem."
        )

        @OptionGroup var authority: AuthorityOption

        func run() async throws {
            try reporting("cannot make an authority") {
                try CertificateAuthority.create(commonName: "Broker", now: Date()).write(to: authority.directory)
            }
            print("\(authority.directory)/\(CertificateAuthority.certificateFile)")
        }
    }

    /// `broker-controller certificates server`.
    struct Server: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issues the controller's certificate: controller.pem and controller-key.pem."
        )

        @OptionGroup var authority: AuthorityOption
        @OptionGroup var output: OutputOption

        @Option(name: .customLong("name"), help: "A host name or address that clients dial; can be given again.")
        var names: [String]

        func run() async throws {
            let files = try reporting("cannot issue a certificate") {
                try CertificateAuthority.load(directory: authority.directory)
                    .issueServer(names: names, now: Date()).write(to: output.directory, name: "controller")
            }
            print("\(files.certificate)\n\(files.privateKey)")
        }
    }

    /// `broker-controller certificates agent`.
    struct Agent: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issues an agent's certificate: HOSTNAME.pem and HOSTNAME-key.pem."
        )

        @OptionGroup var authority: AuthorityOption
        @OptionGroup var output: OutputOption

        @Argument(help: "The name of the agent's host.")
        var hostname: String

        func run() async throws {
            if let fault = AgentNames.fault(inHostname: hostname) { throw Failure(fault) }
            let files = try reporting("cannot issue a certificate") {
                try CertificateAuthority.load(directory: authority.directory)
                    .issueAgent(hostname: hostname, now: Date()).write(to: output.directory, name: hostname)
            }
            print("\(files.certificate)\n\(files.privateKey)")
        }
    }
}

/// Says in one line what could not be done.
func reporting<Value>(_ doing: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch { throw Failure(doing, error) }
}
