// swift-tools-version: 6.2
import PackageDescription

// The map of Broker: each folder is a module, and a module may import only what it names here. A module is called as its
// folder, but for controller/Dispatch and controller/Metrics: there are modules of these names already, in the system and
// in swift-metrics.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let strictMemory: [SwiftSetting] = [.strictMemorySafety(), .enableExperimentalFeature("Lifetimes")]

/// Debian's static archives, so that a host needs neither libnng nor libsqlite3 to run an agent.
let staticNNG: [LinkerSetting] = [
    .linkedLibrary(":libnng.a"), .linkedLibrary(":libmbedtls.a"), .linkedLibrary(":libmbedx509.a"),
    .linkedLibrary(":libmbedcrypto.a"),
]

// MARK: Products of other packages

let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
]
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTP = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")

// MARK: Targets

func module(
    _ name: String,
    path: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = [],
    extra: [SwiftSetting] = [],
    linker: [LinkerSetting] = []
) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: path,
        exclude: exclude,
        swiftSettings: settings + extra,
        linkerSettings: linker
    )
}

func program(_ name: String, path: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name + "Tests", dependencies: dependencies, path: "Tests/" + name, swiftSettings: settings)
}

let shared: [Target] = [
    .systemLibrary(name: "CNNG", path: "Sources/CNNG", providers: [.apt(["libnng-dev"])]),
    .systemLibrary(name: "CSQLite", path: "Sources/CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    module("NNG", path: "Sources/NNG", ["CNNG"], extra: strictMemory, linker: staticNNG),
    module("Tunnel", path: "Sources/Tunnel", nio + [nioTLS, nioSSL, crypto, logging, lifecycle]),
    module("Jobs", path: "Sources/Jobs", []),
    module("Access", path: "Sources/Access", ["Jobs", crypto]),
    module("Credentials", path: "Sources/Credentials", [x509, asn1, crypto]),
    module("Clocks", path: "Sources/Clocks", ["Jobs"]),
    .systemLibrary(name: "CYAML", path: "Sources/CYAML", providers: [.apt(["libyaml-dev"])]),
    module(
        "Settings",
        path: "Sources/Settings",
        ["Jobs", "CYAML", configuration],
        linker: [.linkedLibrary(":libyaml.a")]
    ),
    module("Signing", path: "Sources/Signing", ["Jobs", crypto]),
    module("Sealing", path: "Sources/Sealing", ["Jobs", crypto]),
    module("Wire", path: "Sources/Wire", ["Jobs", protobuf], exclude: ["broker.proto"]),
    module("ControllerReach", path: "Sources/ControllerReach", nio + ["Jobs", nioHTTP, nioSSL]),
    module(
        "BrokerClient",
        path: "Sources/BrokerClient",
        ["Jobs", "Access", "ControllerReach", httpClient, nioCore, nioHTTP, crypto]
    ),
    module("CommandLine", path: "Sources/CommandLine", ["Jobs", "Access", "BrokerClient", "Settings"]),
    program("broker", path: "Sources/broker", ["Jobs", "Access", "BrokerClient", "CommandLine", arguments, signals]),
    program(
        "broker-bench",
        path: "Sources/broker-bench",
        [
            "Jobs", "Access", "BrokerClient", "Link", "Runner", "Tunnel", "Settings", "Authority", "JobKeys", "Signing",
            "Fleet", "JobDispatch", "Store", "API", "NNG", "CNNG", "CSQLite", nioHTTP, hummingbird, crypto, arguments,
            logging, lifecycle, signals,
        ] + nio
    ),
]

let controller: [Target] = [
    module("ControllerMetrics", path: "controller/Metrics", []),
    module("Authority", path: "controller/Authority", ["Credentials", x509, asn1, crypto]),
    module("JobKeys", path: "controller/JobKeys", ["Signing", "Credentials"]),
    module("Store", path: "controller/Store", ["Jobs", "Access", "ControllerMetrics", "CSQLite", grdb]),
    module(
        "JobDispatch",
        path: "controller/Dispatch",
        ["Jobs", "Access", "Sealing", "Store", "ControllerMetrics", crypto, logging, lifecycle]
    ),
    module(
        "Fleet",
        path: "controller/Fleet",
        [
            "Jobs", "Access", "Wire", "NNG", "Signing", "JobDispatch", "Store", "Objects", "ControllerMetrics", logging,
            lifecycle,
        ]
    ),
    module(
        "Objects",
        path: "controller/Objects",
        ["Jobs", "Access", "Store", crypto, nioPosix, logging, lifecycle]
    ),
    module("Outgoing", path: "controller/Outgoing", nio + ["Credentials", httpClient, nioHTTP, nioSSL]),
    module(
        "Webhooks",
        path: "controller/Webhooks",
        ["Jobs", "Store", "Outgoing", crypto, nioHTTP, logging, lifecycle]
    ),
    module(
        "Tokens",
        path: "controller/Tokens",
        ["Jobs", "Access", "Outgoing", jwtKit, nioHTTP, logging, lifecycle]
    ),
    module(
        "Enrolment",
        path: "controller/Enrolment",
        ["Jobs", "Store", "JobDispatch", "Authority", "Credentials", crypto, logging]
    ),
    module(
        "API",
        path: "controller/API",
        [
            "Jobs", "Access", "Tokens", "Outgoing", "Webhooks", "Store", "Objects", "JobDispatch", "Enrolment",
            "ControllerMetrics", hummingbird, httpTypes, nioCore, nioHTTPTypes, crypto, logging, lifecycle,
        ]
    ),
    program(
        "broker-controller",
        path: "controller/Daemon",
        nio + [
            "API", "Access", "Tokens", "Outgoing", "Webhooks", "Fleet", "JobDispatch", "Store", "Objects", "Enrolment",
            "Tunnel",
            "Authority", "Credentials", "JobKeys", "Signing", "Wire", "Jobs", "Clocks", "Settings", "NNG",
            "ControllerMetrics", arguments, crypto, hummingbird, hummingbirdCore, nioSSL, logging, lifecycle, signals,
        ]
    ),
]

let agent: [Target] = [
    .target(name: "CProcess", path: "agent/CProcess"),
    module("Operations", path: "agent/Operations", ["Jobs", "Access", "LocalFiles", "CProcess", crypto, logging]),
    module("LocalFiles", path: "agent/LocalFiles", []),
    module("Policy", path: "agent/Policy", ["Jobs", "LocalFiles", logging]),
    module(
        "Runner",
        path: "agent/Runner",
        ["Jobs", "Operations", "Policy", "CSQLite", crypto, logging, lifecycle],
        linker: [.linkedLibrary(":libsqlite3.a")]
    ),
    module(
        "Membership",
        path: "agent/Membership",
        nio + ["Jobs", "Credentials", "ControllerReach", nioHTTP, nioSSL, nioTLS]
    ),
    module(
        "Link",
        path: "agent/Link",
        ["Jobs", "Wire", "Signing", "LocalFiles", "NNG", "Tunnel", "Runner", "Operations", logging, lifecycle]
    ),
    module("Rest", path: "agent/Rest", ["Runner", lifecycle]),
    program(
        "broker-agent",
        path: "agent/Daemon",
        [
            "Link", "Rest", "Runner", "Operations", "Policy", "Sealing", "Membership", "LocalFiles", "Tunnel", "Wire",
            "Jobs", "Credentials", "ControllerReach", "Clocks", "Settings", arguments, logging, lifecycle, signals,
        ]
    ),
]

/// What the tests with real processes start.
let programs: [Target.Dependency] = ["broker", "broker-controller", "broker-agent", "broker-bench"]

let allTests: [Target] = [
    .target(name: "Randomness", path: "Tests/Randomness", swiftSettings: settings),
    tests("NNG", ["NNG"]),
    tests("Tunnel", nio + ["Tunnel", "NNG", "Authority", nioSSL, logging, lifecycle]),
    tests("Jobs", ["Jobs", "Randomness"]),
    tests("Access", ["Access", "Jobs"]),
    tests("Settings", ["Settings", "Jobs"]),
    tests("Signing", ["Signing", "Jobs"]),
    tests("Sealing", ["Sealing", "Jobs"]),
    tests("Wire", ["Wire", "Jobs", protobuf]),
    .target(
        name: "StubController",
        dependencies: nio + ["Jobs", nioHTTP, nioSSL],
        path: "Tests/StubController",
        swiftSettings: settings
    ),
    tests("BrokerClient", ["BrokerClient", "Jobs", "StubController"]),
    tests(
        "CommandLine",
        ["CommandLine", "Access", "BrokerClient", "Jobs", "StubController", "Deployments", "broker"]
    ),
    tests("Authority", ["Authority", "Credentials", "Deployments", x509, asn1]),
    tests("Enrolment", ["Enrolment", "Credentials", "Jobs"]),
    tests(
        "Membership",
        ["Membership", "Authority", "Credentials", "ControllerReach", "Jobs", "StubController"]
    ),
    tests("Metrics", ["ControllerMetrics"]),
    tests("JobKeys", ["JobKeys", "Signing"]),
    tests("Store", ["Store", "Access", "Jobs", "Randomness", grdb]),
    tests(
        "JobDispatch",
        ["JobDispatch", "Access", "Store", "Sealing", "Jobs", "ControllerMetrics", logging, lifecycle]
    ),
    tests(
        "Fleet",
        ["Fleet", "JobDispatch", "Access", "Store", "Objects", "Jobs", "Wire", "Signing", "NNG", logging, lifecycle]
    ),
    tests("Objects", ["Objects", "Access", "Store", "Jobs", crypto, logging]),
    .target(
        name: "TokenVectors",
        dependencies: ["Jobs"],
        path: "Tests/TokenVectors",
        swiftSettings: settings
    ),
    tests("Outgoing", ["Outgoing", "StubController", nioHTTP]),
    tests(
        "Webhooks",
        ["Webhooks", "Outgoing", "Access", "Store", "Jobs", "StubController", crypto, logging, lifecycle]
    ),
    tests("Tokens", ["Tokens", "Outgoing", "Access", "Jobs", "TokenVectors", "StubController", logging]),
    tests(
        "API",
        nio + [
            "API", "Access", "Tokens", "TokenVectors", "Enrolment", "JobDispatch", "Store", "Objects", "Jobs",
            "BrokerClient", "ControllerMetrics", "Randomness", crypto, hummingbird, hummingbirdTesting, httpTypes,
            nioHTTPTypes, logging, lifecycle,
        ]
    ),
    tests("Operations", ["Operations", "Access", "LocalFiles", "Jobs", crypto, logging]),
    tests("Policy", ["Policy", "Jobs", logging]),
    tests("Rest", ["Rest", "Runner", "Jobs"]),
    tests("Runner", ["Runner", "Operations", "Policy", "Jobs", logging, lifecycle]),
    tests("Link", ["Link", "Runner", "Operations", "Wire", "Signing", "NNG", "Jobs", logging, lifecycle]),
    .target(name: "CSpawn", path: "Tests/CSpawn"),
    .target(
        name: "Deployments",
        dependencies: nio + ["CSpawn", "BrokerClient", "Jobs", httpClient, nioSSL],
        path: "Tests/Deployments",
        swiftSettings: settings
    ),
    .target(
        name: "ScratchHosts",
        dependencies: ["Deployments", "Jobs"],
        path: "Tests/ScratchHosts",
        swiftSettings: settings
    ),
    tests("HostOperations", ["ScratchHosts", "Deployments", "Jobs"] + programs),
    tests("Bench", ["Deployments", "Jobs"] + programs),
    tests(
        "EndToEnd",
        [
            "Deployments", "TokenVectors", "StubController", "BrokerClient", "Access", "Jobs", "JobKeys", "Signing",
            "Wire", "NNG",
            "Tunnel", grdb, httpClient, nioCore, nioHTTP, nioSSL, logging,
        ] + programs
    ),
    tests(
        "Security",
        nio + ["Deployments", "BrokerClient", "Jobs", "Authority", "Credentials", nioSSL] + programs
    ),
    tests(
        "Faults",
        nio + ["Deployments", "BrokerClient", "Jobs", "Wire", "Randomness", grdb, nioSSL] + programs
    ),
]

/// Built by `make fuzz` alone, since all that it reaches has to be compiled for it.
let fuzzers: [Target] =
    Context.environment["BROKER_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "broker-fuzz",
            dependencies: ["Jobs", "Signing", "Wire"],
            path: "Tests/Fuzz",
            // libFuzzer brings `main`.
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
        )
    ]

let package = Package(
    name: "broker",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "broker", targets: ["broker"]),
        .executable(name: "broker-controller", targets: ["broker-controller"]),
        .executable(name: "broker-agent", targets: ["broker-agent"]),
        .executable(name: "broker-bench", targets: ["broker-bench"]),
        .library(name: "BrokerClient", targets: ["BrokerClient", "Jobs", "Access"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(
            url: "https://github.com/apple/swift-configuration",
            from: "1.4.0",
            traits: []
        ),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: shared + controller + agent + allTests + fuzzers
)
