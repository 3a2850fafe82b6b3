// SPDX-License-Identifier: Apache-2.0

import Jobs

/// How a unit of systemd is, as `systemctl show` tells it.
struct UnitState: Hashable, Sendable {
    /// The properties that are asked for.
    static let properties = [
        "Id", "Description", "LoadState", "ActiveState", "SubState", "UnitFileState", "FragmentPath", "MainPID",
        "Result",
        "NRestarts", "ActiveEnterTimestampMonotonic", "MemoryCurrent", "CanReload", "CanStart", "NeedDaemonReload",
        "ExecMainStatus", "Job",
    ]

    let name: String
    private let values: [String: String]
    /// Whether it was systemd that told it, and not the files alone.
    let isRunningKnown: Bool

    /// Reads lines `NAME=value`.
    init(name: String, properties lines: [Substring]) {
        self.name = name
        isRunningKnown = true
        values = Dictionary(
            lines.compactMap { line in
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
            },
            uniquingKeysWith: { $1 }
        )
    }

    /// What the files say where systemd does not run.
    init(name: String, unitFile: String) {
        self.name = name
        isRunningKnown = false
        values = ["UnitFileState": unitFile]
    }

    private func value(_ name: String) -> String { values[name] ?? "" }

    /// `loaded`, `not-found`, `masked`, `bad-setting`, `error`.
    var load: String { value("LoadState") }
    /// `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`.
    var active: String { value("ActiveState") }
    /// `enabled`, `disabled`, `static`, `masked` and others; empty for none.
    var unitFile: String { value("UnitFileState") }
    var result: String { value("Result") }
    var mainPID: Int64 { Int64(value("MainPID")) ?? 0 }
    var path: String { value("FragmentPath") }
    /// Whether systemd has yet to do something with it.
    var hasJob: Bool { !["", "0"].contains(value("Job")) }
    var canReload: Bool { value("CanReload") == "yes" }

    var isThere: Bool { isRunningKnown ? load != "not-found" : !unitFile.isEmpty }
    var isMasked: Bool { load == "masked" || unitFile.hasPrefix("masked") }
    /// Whether it runs or is about to.
    var isActive: Bool { ["active", "activating", "reloading"].contains(active) }
    var isEnabled: Bool { ["enabled", "alias"].contains(unitFile) }
    /// Whether it is enabled by links that last until the next start.
    var isEnabledAtRuntime: Bool { unitFile == "enabled-runtime" }
    /// Whether it does what another state of it says; one that has failed does as little as an inactive one.
    func doesSame(as other: UnitState) -> Bool {
        mainPID == other.mainPID && (active == other.active || !isBusy && !other.isBusy)
    }

    private var isBusy: Bool { !["inactive", "failed"].contains(active) }

    /// Whether its file says what enabling it means.
    var canBeEnabled: Bool {
        ["enabled", "enabled-runtime", "disabled", "linked", "alias", "indirect"].contains(unitFile)
    }

    /// The unit as runs tell it.
    var told: JSONValue {
        func number(_ name: String) -> JSONValue { Int64(value(name)).map(JSONValue.int) ?? .null }
        return [
            "unit": .string(name), "description": .string(value("Description")), "load_state": .string(load),
            "active_state": .string(active), "sub_state": .string(value("SubState")),
            "enabled": .string(unitFile), "path": .string(path), "main_pid": mainPID > 0 ? .int(mainPID) : .null,
            "result": .string(result), "restarts": number("NRestarts"), "memory_bytes": number("MemoryCurrent"),
            "exit_status": number("ExecMainStatus"), "can_reload": .bool(canReload),
            "needs_daemon_reload": .bool(value("NeedDaemonReload") == "yes"),
        ]
    }
}
