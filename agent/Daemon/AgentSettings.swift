// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Operations
import Runner
import Settings
import Tunnel

/// What `broker-agent` is told by its file, the environment `BROKER_AGENT_…`, and its flags.
struct AgentSettings: Sendable {
    let controller: NetworkAddress
    let serverName: String?
    let files: TLSFiles
    /// How often the controller is asked for certificates; nil where they come from elsewhere.
    let renewal: Duration?
    let hostname: String
    let labels: [String: String]
    let stateDirectory: String
    let jobKeysFile: String
    let clockTolerance: Duration
    let policyFile: String?
    let pluginDirectory: String
    let maximumRuns: Int
    let killGrace: Duration
    let outputLimits: OutputArchive.Limits
    let shutdownPolicy: Runner.ShutdownPolicy
    let shutdownGrace: Duration
    let factsInterval: Duration
    /// How many bytes of stored objects are kept.
    let cachedObjects: Int64
    let logLevel: Logger.Level

    static let usualPolicyFile = "/etc/broker/agent-policy"
    static let usualPluginDirectory = "/usr/local/lib/broker/plugins"

    static let known: [SettingKey] = [
        SettingKey("controller", "HOST:PORT of the controller's address for agents"),
        SettingKey("tls.certificate", "PEM file of this agent's certificate"),
        SettingKey("tls.key", "PEM file of its private key"),
        SettingKey("tls.authority", "PEM file of the authority of the controller's certificate"),
        SettingKey("tls.server_name", "the name in the controller's certificate", fallback: "the controller's host"),
        SettingKey("tls.renew", "true has the controller renew the certificate", fallback: "false"),
        SettingKey("tls.check_interval", "how often that is looked at", fallback: "1h"),
        SettingKey("hostname", "the name of this host", fallback: "what the system says"),
        SettingKey("labels", "a list of name=value that targets can select by", fallback: "none"),
        SettingKey("state_dir", "the ledger of what has been executed", fallback: "/var/lib/broker-agent"),
        SettingKey("jobs.keys", "file of the controller's job keys", fallback: "job-keys beside tls.authority"),
        SettingKey("jobs.clock_tolerance", "by how much clocks here and there may differ", fallback: "5m"),
        SettingKey(
            "policy",
            "file that says what may run here",
            fallback: "\(AgentSettings.usualPolicyFile), where there is one"
        ),
        SettingKey(
            "plugins.directory",
            "executables that are operations of this host",
            fallback: AgentSettings.usualPluginDirectory
        ),
        SettingKey("runs.maximum", "runs at the same time; the rest waits in order", fallback: "8"),
        SettingKey("runs.kill_grace", "from TERM to KILL when a run is ended", fallback: "5s"),
        SettingKey("runs.on_shutdown", "runs when the agent is stopped: wait for, end or leave them", fallback: "wait"),
        SettingKey("runs.shutdown_grace", "how long they are waited for, then they are ended", fallback: "10s"),
        SettingKey(
            "output.keep",
            "how long output beyond the limit of a run is kept here; 0 for not at all",
            fallback: "24h"
        ),
        SettingKey("output.maximum", "MiB of it in all; the oldest goes first", fallback: "1024"),
        SettingKey("facts.interval", "how often facts are collected", fallback: "5m"),
        SettingKey("objects.cache_bytes", "bytes of the controller's objects that are kept", fallback: "4294967296"),
        SettingKey("log.level", "trace, debug, info, notice, warning, error or critical", fallback: "info"),
    ]

    /// Checks everything that can be checked without opening anything.
    ///
    /// - Throws: `SettingsError`.
    init(_ settings: Settings) throws {
        _ = try settings.required("controller")
        guard let controller = try settings.address("controller"), controller.port > 0 else {
            throw SettingsError("the setting 'controller' takes HOST:PORT")
        }
        self.controller = controller
        serverName = settings.string("tls.server_name")
        let authority = try settings.required("tls.authority")
        files = TLSFiles(
            certificateChain: try settings.required("tls.certificate"),
            privateKey: try settings.required("tls.key"),
            authorities: authority
        )
        let intervals = Duration.milliseconds(100) ... .seconds(86_400)
        let interval = try settings.duration("tls.check_interval", in: intervals) ?? .seconds(3600)
        renewal = try settings.bool("tls.renew") == true ? interval : nil
        guard let hostname = settings.string("hostname") ?? HostFacts.hostname else {
            throw SettingsError("the system does not say this host's name; set 'hostname'")
        }
        if let fault = AgentNames.fault(inHostname: hostname) { throw SettingsError(fault) }
        self.hostname = hostname
        labels = try Self.labels(settings.strings("labels"))
        stateDirectory = settings.string("state_dir") ?? "/var/lib/broker-agent"
        jobKeysFile = settings.string("jobs.keys") ?? Self.file("job-keys", beside: authority)
        clockTolerance =
            try settings.duration("jobs.clock_tolerance", in: .zero ... .seconds(86_400)) ?? .seconds(300)
        policyFile = settings.string("policy")
        pluginDirectory = settings.string("plugins.directory") ?? Self.usualPluginDirectory
        maximumRuns = try settings.int("runs.maximum", in: 1...256) ?? 8
        killGrace = try settings.duration("runs.kill_grace", in: .zero ... .seconds(600)) ?? .seconds(5)
        shutdownPolicy = try settings.word("runs.on_shutdown", as: Runner.ShutdownPolicy.self) ?? .wait
        shutdownGrace = try settings.duration("runs.shutdown_grace", in: .zero ... .seconds(3600)) ?? .seconds(10)
        outputLimits = try Self.outputLimits(settings)
        factsInterval = try settings.duration("facts.interval", in: .seconds(10) ... .seconds(86_400)) ?? .seconds(300)
        cachedObjects = Int64(try settings.int("objects.cache_bytes", in: 1...(1 << 50)) ?? 4 << 30)
        logLevel = try settings.word("log.level", as: Logger.Level.self) ?? .info
    }

    private static func outputLimits(_ settings: Settings) throws -> OutputArchive.Limits {
        var limits = OutputArchive.Limits()
        let times = Duration.zero ... .seconds(30 * 86_400)
        limits.retention = try settings.duration("output.keep", in: times) ?? limits.retention
        if let maximum = try settings.int("output.maximum", in: 1...1_048_576) { limits.totalBytes = maximum << 20 }
        return limits
    }

    private static func file(_ name: String, beside path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }

    /// The labels in a list of `name=value`.
    ///
    /// - Throws: `SettingsError` for such as an agent may not have.
    static func labels(_ texts: [String]) throws(SettingsError) -> [String: String] {
        var labels: [String: String] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, !parts[0].isEmpty, labels[parts[0]] == nil else {
                throw SettingsError("the label '\(text.prefix(100))' is not name=value, or given twice")
            }
            if let fault = AgentNames.fault(inLabel: parts[0], value: parts[1]) { throw SettingsError(fault) }
            labels[parts[0]] = parts[1]
        }
        guard labels.count <= AgentNames.maximumLabels else {
            throw SettingsError("an agent has at most \(AgentNames.maximumLabels) labels")
        }
        return labels
    }
}
