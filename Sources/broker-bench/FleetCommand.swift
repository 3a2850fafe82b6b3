// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Authority
import FoundationEssentials
import Jobs
import Logging
import ServiceLifecycle
import Settings
import Signing
import UnixSignals

/// `broker-bench fleet`: many simulated agents in one process.
struct FleetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fleet",
        abstract: "Runs simulated agents in this process until it is stopped.",
        discussion: """
            Each agent has its own certificate, its own tunnel and its own nng socket, and speaks the real protocol. Only \
            its host is made up: it executes nothing, and keeps nothing on a disk. It needs four file descriptors an \
            agent; the limit is raised as far as the system allows.

            With --plain the agents dial nng without the tunnel, each from a loopback address of its own. No controller \
            as it is installed takes that; the other subcommands start parts of one that do.
            """
    )

    @Option(help: ArgumentHelp("The controller's address for agents.", valueName: "host:port"))
    var controller: String

    @Option(
        help: ArgumentHelp(
            "Directory of the authority that issues the agents' certificates; needed with --tls.",
            valueName: "dir"
        )
    )
    var authority: String?

    @Option(help: ArgumentHelp("The controller's job keys (job-keys beside the authority).", valueName: "path"))
    var jobKeys: String?

    @Flag(help: "How agents connect.")
    var transport = Transport.tls

    @Option(help: "How many agents.")
    var agents = 200

    @Option(
        help: ArgumentHelp("With --plain: where the addresses of several fleets begin.", valueName: "number")
    )
    var first = 1

    @Option(help: "What hostnames begin with; a number follows.")
    var prefix = "sim-"

    @Option(help: ArgumentHelp("How long each run takes, such as 0s or 500ms.", valueName: "duration"))
    var delay = "0s"

    @Option(help: ArgumentHelp("Of this many runs of an agent one fails; 0 for none.", valueName: "number"))
    var failEvery = 0

    /// How agents connect.
    enum Transport: String, EnumerableFlag, Sendable { case tls, plain }

    func validate() throws {
        guard (1...50_000).contains(agents) else { throw ValidationError("--agents takes 1 to 50000") }
        guard NetworkAddress(controller) != nil else { throw ValidationError("--controller takes HOST:PORT") }
        guard Duration(humanText: delay) != nil else {
            throw ValidationError("--delay takes a duration, such as 500ms")
        }
        guard (1...1_000_000).contains(first) else { throw ValidationError("--first takes 1 to 1000000") }
        guard failEvery >= 0 else { throw ValidationError("--fail-every takes a number from 0") }
        guard transport == .plain || authority != nil else {
            throw ValidationError("--authority is missing: agents need certificates")
        }
        guard jobKeys != nil || authority != nil else {
            throw ValidationError("--job-keys is missing: agents believe only what is signed")
        }
    }

    func run() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "broker-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try OpenFiles.check(agents: agents, link: transport == .tls ? .tunnel : .plain)
        let fleet = try makeFleet(directory: directory.path)
        var group = ServiceGroupConfiguration(
            services: [fleet],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: fleet.logger
        )
        group.maximumGracefulShutdownDuration = .seconds(20)
        group.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }

    private func makeFleet(directory: String) throws -> Fleet {
        guard let address = NetworkAddress(controller), let delay = Duration(humanText: delay) else {
            throw ValidationError("--controller and --delay must be valid")
        }
        let route: Fleet.Route =
            if transport == .tls, let authority {
                .tunnel(address, authority: try CertificateAuthority.load(directory: authority), directory: directory)
            } else {
                .plain(address)
            }
        let configuration = Fleet.Configuration(
            size: agents,
            prefix: prefix,
            first: first,
            behaviour: .init(delay: delay, failEvery: failEvery)
        )
        let keys = try JobKeySet(readFrom: jobKeys ?? (authority ?? ".") + "/job-keys")
        return try Fleet(configuration, route: route, jobKeys: keys, announces: true)
    }
}
