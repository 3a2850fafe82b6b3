// SPDX-License-Identifier: Apache-2.0

/// What several operations on packages have as parameters and as result.
enum PackageParameters {
    /// How long a run may take: great upgrades over slow links take their time.
    static let limit = Duration.seconds(1800)

    static let refresh = JSONValue.flag(
        "Whether the index is fetched first. A dry run fetches one of its own and leaves that of the host alone.",
        default: false
    )
    static let refreshMaxAge: JSONValue = [
        "description": "With refresh: seconds; an index that is not older is not fetched again. 0 fetches it always.",
        "type": "number", "minimum": 0, "maximum": 31_536_000, "default": 3600,
    ]
    static let lockTimeout: JSONValue = [
        "description": "Seconds that are waited while another process uses the package tool.",
        "type": "number", "minimum": 0, "maximum": 3600, "default": 60,
    ]
    static let timeout = JSONValue.seconds("Seconds that the run may take.", atMost: 86_400, default: 1800)
    static let recommends: JSONValue = [
        "description": "Whether packages come along that are only recommended; left out, as the host is set.",
        "type": "boolean",
    ]
    static let manager = JSONValue.choice("The tool of the host.", ["apt", "dnf", "apk"])

    /// The names of packages.
    static func names(_ description: String, _ count: ClosedRange<Int64> = 1...500) -> JSONValue {
        .list(description, of: .text("A package.", .packageName), count)
    }

    /// The result of an operation that changes packages.
    static func result(_ properties: [String: JSONValue] = [:]) -> JSONValue {
        .record(properties.merging(["manager": manager]) { $1 })
    }

    /// A name that has a version, where only the name fits.
    static func faultsOfVersions(_ data: JSONValue, _ pointer: String) -> [Fault] {
        (data["packages"]?.array ?? []).enumerated().compactMap { index, name in
            name.string?.contains("=") == true
                ? Fault(pointer: "\(pointer)/packages/\(index)", detail: "must be a name without a version") : nil
        }
    }
}
