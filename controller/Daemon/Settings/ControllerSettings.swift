// SPDX-License-Identifier: Apache-2.0

import API
import Authority
import Fleet
import JobDispatch
import Jobs
import Logging
import Objects
import Outgoing
import Settings
import Store
import Tunnel

/// What `broker-controller` is told by its file, the environment `BROKER_CONTROLLER_…`, and its flags.
struct ControllerSettings: Sendable {
    let stateDirectory: String
    let http: NetworkAddress
    let httpFiles: TLSFiles?
    let agents: NetworkAddress
    let agentFiles: TLSFiles
    let access: AccessControl.Limits
    let tokens: TokenSettings?
    let outgoing: OutgoingPolicy
    let authority: AuthoritySettings?
    let places: PublicPlaces
    let limits: JobLimits
    let retention: Retention
    let objects: ObjectLimits
    let heartbeat: Duration
    let maximumAgents: Int
    let logLevel: Logger.Level

    static let known: [SettingKey] =
        [
            SettingKey("state_dir", "the database and endpoints.json", fallback: "/var/lib/broker-controller"),
            SettingKey("http.listen", "address of the HTTP API", fallback: "0.0.0.0:8443"),
            SettingKey("http.certificate", "PEM file of the HTTP API's certificate chain"),
            SettingKey("http.key", "PEM file of its private key"),
            SettingKey("http.insecure", "true serves plain HTTP, on loopback only", fallback: "false"),
            SettingKey(
                "http.requests_per_minute",
                "how often a key may ask; 0 for any number",
                fallback: "60000"
            ),
            SettingKey(
                "http.failures_per_minute",
                "how often an address may try a wrong key",
                fallback: "60"
            ),
            SettingKey(
                "tokens.keys",
                "key set (JWKS) of an identity provider, a file or an https URL; its tokens are accepted"
            ),
            SettingKey("tokens.issuer", "the issuer of the tokens (iss)"),
            SettingKey("tokens.audience", "whom the tokens are for (aud)"),
            SettingKey("tokens.scope_claim", "the claim that has the scopes", fallback: "scope"),
            SettingKey("tokens.authority", "PEM file of authorities to trust for the URL, in place of the system's"),
            SettingKey("agents.listen", "address for agents", fallback: "0.0.0.0:7443"),
            SettingKey("agents.certificate", "PEM file of the certificate chain that agents see"),
            SettingKey("agents.key", "PEM file of its private key"),
            SettingKey(
                "agents.authority",
                "PEM file of the authorities of the agents' certificates",
                fallback: "trusted.pem in authority.directory"
            ),
            SettingKey("agents.maximum", "connected agents at most", fallback: "20000"),
            SettingKey("agents.heartbeat", "a parked poll is answered within this time", fallback: "30s"),
            SettingKey("jobs.default_deadline", "how long jobs wait for agents", fallback: "1h"),
            SettingKey("jobs.lease", "silence after which runs are lost", fallback: "5m"),
            SettingKey("jobs.maximum_open", "jobs that have not ended, at most", fallback: "10000"),
            SettingKey("history.maximum_age", "jobs that ended longer ago are deleted; 0 keeps them", fallback: "90d"),
            SettingKey(
                "history.maximum_jobs",
                "above this, jobs that ended first are deleted; 0 keeps them",
                fallback: "0"
            ),
            SettingKey("history.maximum_mib", "the same by the size of the database in MiB", fallback: "0"),
            SettingKey("objects.maximum_bytes", "bytes of a stored object at most", fallback: "1073741824"),
            SettingKey("objects.total_bytes", "bytes of all of them together", fallback: "21474836480"),
            SettingKey("log.level", "trace, debug, info, notice, warning, error or critical", fallback: "info"),
        ] + AuthoritySettings.known + OutgoingSettings.known

    /// Checks everything that can be checked without opening anything.
    ///
    /// - Throws: `SettingsError`.
    init(_ settings: Settings) throws {
        stateDirectory = settings.string("state_dir") ?? "/var/lib/broker-controller"
        http = try settings.address("http.listen") ?? NetworkAddress(host: "0.0.0.0", port: 8443)
        let isInsecure = try settings.bool("http.insecure") ?? false
        guard !isInsecure || ["127.0.0.1", "::1", "localhost"].contains(http.host) else {
            throw SettingsError("'http.insecure' serves plain HTTP, and is for http.listen on loopback only")
        }
        httpFiles =
            isInsecure
            ? nil
            : TLSFiles(
                certificateChain: try settings.required("http.certificate"),
                privateKey: try settings.required("http.key"),
                authorities: nil
            )
        access = try Self.access(settings)
        outgoing = try OutgoingSettings.policy(settings)
        tokens = try TokenSettings(settings, outgoing)
        agents = try settings.address("agents.listen") ?? NetworkAddress(host: "0.0.0.0", port: 7443)
        authority = try AuthoritySettings(settings)
        agentFiles = TLSFiles(
            certificateChain: try settings.required("agents.certificate"),
            privateKey: try settings.required("agents.key"),
            authorities: try settings.string("agents.authority") ?? authority.map(\.trustedFile)
                ?? settings.required("agents.authority")
        )
        places = try PublicPlaces(settings, listening: http, isPlain: isInsecure)
        heartbeat = try settings.duration("agents.heartbeat", in: .milliseconds(200) ... .seconds(600)) ?? .seconds(30)
        maximumAgents = try settings.int("agents.maximum", in: 1...200_000) ?? 20_000
        limits = try Self.limits(settings)
        retention = try Self.retention(settings)
        objects = try Self.objects(settings)
        logLevel = try settings.word("log.level", as: Logger.Level.self) ?? .info
    }

    private static func limits(_ settings: Settings) throws -> JobLimits {
        var limits = JobLimits()
        limits.defaultDeadline =
            try settings.duration("jobs.default_deadline", in: limits.minimumDeadline...limits.maximumDeadline)
            ?? limits.defaultDeadline
        limits.lease =
            try settings.duration("jobs.lease", in: .seconds(1) ... .seconds(7 * 86_400)) ?? limits.lease
        limits.openJobs = try settings.int("jobs.maximum_open", in: 1...1_000_000) ?? limits.openJobs
        return limits
    }

    private static func objects(_ settings: Settings) throws -> ObjectLimits {
        var limits = ObjectLimits()
        let range = 1...(1 << 50)
        if let bytes = try settings.int("objects.maximum_bytes", in: range) { limits.maximumBytes = Int64(bytes) }
        if let bytes = try settings.int("objects.total_bytes", in: range) { limits.totalBytes = Int64(bytes) }
        return limits
    }

    private static func access(_ settings: Settings) throws -> AccessControl.Limits {
        var limits = AccessControl.Limits()
        if let requests = try settings.int("http.requests_per_minute", in: 0...100_000_000) {
            limits.requests = .perMinute(requests)
        }
        if let failures = try settings.int("http.failures_per_minute", in: 1...1_000_000) {
            limits.failures = Quota(limit: failures, window: .seconds(60))
        }
        return limits
    }

    private static func retention(_ settings: Settings) throws -> Retention {
        var retention = Retention()
        let ages = Duration.zero ... .seconds(100 * 365 * 86_400)
        let age = try settings.duration("history.maximum_age", in: ages) ?? .seconds(90 * 86_400)
        retention.maximumAge = age == .zero ? nil : age
        let jobs = try settings.int("history.maximum_jobs", in: 0...1_000_000_000) ?? 0
        retention.maximumJobs = jobs == 0 ? nil : jobs
        let size = try settings.int("history.maximum_mib", in: 0...10_000_000) ?? 0
        retention.maximumBytes = size == 0 ? nil : Int64(size) << 20
        return retention
    }
}
