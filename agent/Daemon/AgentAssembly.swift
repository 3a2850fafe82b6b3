// SPDX-License-Identifier: Apache-2.0

import Clocks
import FoundationEssentials
import Jobs
import Link
import Logging
import Membership
import Operations
import Policy
import Rest
import Runner
import Sealing
import ServiceLifecycle
import Settings
import Tunnel
import UnixSignals
import Wire

/// Assembles the agent's services and runs them.
struct AgentAssembly {
    let settings: AgentSettings
    private let logger: Logger
    private let clock = SteadyClock()

    init(settings: AgentSettings) {
        self.settings = settings
        var logger = Logger(label: "broker-agent", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = settings.logLevel
        logger[metadataKey: "hostname"] = "\(settings.hostname)"
        self.logger = logger
    }

    /// Runs until SIGTERM or SIGINT, or until a service cannot go on.
    ///
    /// - Throws: `LedgerError`, `LinkTrustError`, `TunnelError`.
    func run() async throws {
        try makeStateDirectory()
        let identity = OwnIdentity(certificate: settings.files.certificateChain)
        let sealingKey = try SealingKeyFile.openOrCreate(settings.stateDirectory + "/sealing-key")
        let trust = try makeTrust()
        let policy = PolicyFile(
            path: settings.policyFile ?? AgentSettings.usualPolicyFile,
            mustExist: settings.policyFile != nil,
            logger: logger
        )
        let objects = ObjectLine()
        let cache = try makeCache(objects)
        let plugins = PluginDirectory(path: settings.pluginDirectory, context: makeContext())
        let outputs = makeOutputs()
        let runner = try makeRunner(policy, plugins, cache, outputs) { request in
            try plugins.catalogue.opening(request, by: identity.id(), with: sealingKey)
        }
        let tunnel = makeTunnel()
        let link = makeLink(
            runner: runner,
            tunnel: tunnel,
            identity: identity,
            trust: trust,
            objects: objects,
            outputs: outputs,
            plugins: plugins
        ) {
            var facts: [String: JSONValue] = [
                SealingPublicKey.fact: .string(sealingKey.publicKey.text),
                "job_keys_version": .int(Int64(clamping: trust.version)), "policy": .string(policy.condition.rawValue),
            ]
            facts[OperationDescriptor.pluginsFact] = plugins.fact
            return facts
        }

        // Stopped in the reverse order: the runs first, then the link, which tells what came of them, the tunnel last.
        var group = ServiceGroupConfiguration(
            services: [tunnel, link, runner, PluginWatch(plugins: plugins), RestService(of: runner)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        group.maximumGracefulShutdownDuration = settings.shutdownGrace + settings.killGrace + .seconds(15)
        group.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: group).run()
    }

    private func makeStateDirectory() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: settings.stateDirectory,
                withIntermediateDirectories: true,
                // Where there is none yet: it holds a key, and whom the agent trusts.
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw Failure("\(settings.stateDirectory): the directory cannot be made")
        }
    }

    private func makeCache(_ line: ObjectLine) throws -> ObjectCache {
        do {
            return try ObjectCache(
                directory: settings.stateDirectory + "/objects",
                maximumBytes: settings.cachedObjects,
                courier: LinkCourier(line),
                logger: logger
            )
        } catch {
            throw Failure(error.message)
        }
    }

    private func makeRunner(
        _ policy: PolicyFile,
        _ plugins: PluginDirectory,
        _ objects: ObjectCache,
        _ outputs: OutputArchive?,
        reveal: @escaping @Sendable (OperationRequest) throws -> OperationRequest
    ) throws -> Runner {
        if !ControlGroups.own.isAvailable { logger.debug("no control groups; runs have only their supervisors") }
        var context = makeContext()
        context.objects = objects
        var configuration = Runner.Configuration()
        configuration.maximumConcurrentRuns = settings.maximumRuns
        configuration.shutdownPolicy = settings.shutdownPolicy
        configuration.shutdownPatience = settings.shutdownGrace
        let ledger = try Ledger(
            path: settings.stateDirectory + "/ledger.sqlite",
            now: clock.now(),
            anchor: clock.anchor
        )
        return Runner(
            ledger: ledger,
            operations: OperationSet.builtIn.adding(plugins),
            permit: { run in
                policy.decide(
                    operation: run.operation.type,
                    kind: plugins.catalogue[run.operation.type]?.kind,
                    isDryRun: run.isDryRun,
                    submitter: run.submittedBy
                )
            },
            reveal: reveal,
            context: context,
            outputs: outputs,
            configuration: configuration
        )
    }

    private func makeContext() -> OperationContext {
        var context = OperationContext(logger: logger)
        context.grace = settings.killGrace
        context.environment["BROKER_HOSTNAME"] = settings.hostname
        context.labels = settings.labels
        context.now = clock.now
        return context
    }

    /// Where outputs are kept; nil where they are not to be.
    private func makeOutputs() -> OutputArchive? {
        guard settings.outputLimits.retention > .zero else { return nil }
        return OutputArchive(
            directory: settings.stateDirectory + "/output",
            limits: settings.outputLimits,
            logger: logger
        )
    }

    private func makeTunnel() -> DialTunnelService {
        var configuration = DialTunnelService.Configuration(
            host: settings.controller.host,
            port: settings.controller.port,
            files: settings.files
        )
        configuration.serverName = settings.serverName
        return DialTunnelService(configuration: configuration, logger: logger)
    }

    private func makeTrust() throws -> JobTrust {
        try JobTrust(
            file: settings.jobKeysFile,
            learned: settings.stateDirectory + "/job-keys",
            logger: logger
        )
    }

    private func makeVerifier(_ identity: OwnIdentity, _ trust: JobTrust) -> DeliveryVerifier {
        DeliveryVerifier(agentID: identity.id, trust: trust, tolerance: settings.clockTolerance) { [clock] in
            let times = [clock.now(), WallClock.now()]
            return min(times[0], times[1])...max(times[0], times[1])
        }
    }

    /// How long the first link waits for plug-ins to say what they are, so that the controller mostly hears of them in the first
    /// hello; of those that are slower it hears when they have.
    private static let patienceWithPlugins: Duration = .seconds(2)

    private func makeLink(
        runner: Runner,
        tunnel: DialTunnelService,
        identity: OwnIdentity,
        trust: JobTrust,
        objects: ObjectLine,
        outputs: OutputArchive?,
        plugins: PluginDirectory,
        facts: @escaping @Sendable () -> [String: JSONValue]
    ) -> LinkService {
        var configuration = LinkConfiguration(
            hostname: settings.hostname,
            labels: settings.labels,
            version: AgentProgram.version
        )
        configuration.factsInterval = settings.factsInterval
        return LinkService(
            configuration: configuration,
            runner: runner,
            verifier: makeVerifier(identity, trust),
            instance: UUID().uuidString,
            dialURL: {
                await plugins.firstLook(atMost: Self.patienceWithPlugins)
                return "tcp://127.0.0.1:\(try await tunnel.boundPort())"
            },
            collectFacts: { HostFacts.collect() },
            ownFacts: facts,
            certificateExpiresAt: { identity.expiresAt },
            credentials: settings.renewal.flatMap(makeCredentials),
            objects: objects,
            outputs: makeExchange(outputs, runner),
            logger: logger
        )
    }

    private func makeExchange(_ outputs: OutputArchive?, _ runner: Runner) -> OutputExchange {
        OutputExchange { stream, jobID, attempt in
            outputs?.open(stream, of: jobID, attempt: attempt).map { kept in
                OutputExchange.Output(size: kept.size) { kept.read(at: $0, count: $1) }
            }
        } follow: { jobID, attempt in
            await runner.live(RunKey(jobID: jobID, attempt: attempt)).map { live in
                OutputExchange.Live { stream, place, limit in
                    let news = live.news(of: stream, behind: place, atMost: limit)
                    return (news.offset, news.bytes)
                } isOver: {
                    live.isOver
                }
            }
        }
    }

    private func makeCredentials(interval: Duration) -> CredentialExchange? {
        guard let authorities = settings.files.authorities else { return nil }
        let membership = Membership(
            files: MembershipFiles(
                certificate: settings.files.certificateChain,
                key: settings.files.privateKey,
                authorities: authorities
            ),
            hostname: settings.hostname
        )
        return CredentialExchange(
            interval: interval,
            // The certificate's times are those of the wall clock.
            certificateRequest: { try membership.certificateRequest(now: Date()) },
            take: { answer in
                try membership.take(
                    certificate: answer.certificateChain,
                    authorities: answer.authorities
                )
            }
        )
    }
}
