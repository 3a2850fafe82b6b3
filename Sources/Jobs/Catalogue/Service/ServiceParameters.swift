// SPDX-License-Identifier: Apache-2.0

/// What several operations on services have as parameters and as result.
enum ServiceParameters {
    static let limit = Duration.seconds(300)
    static let timeout = JSONValue.seconds("Seconds that the run may take.", atMost: 86_400, default: 300)
    static let unit = JSONValue.text("The unit; without an ending it is a service.", .unitName, maximum: 255)
    static let unitFile = JSONValue.text("The unit, with its ending: app.service.", .unitName, maximum: 255)

    /// What is told by what starts and stops.
    static let result = JSONValue.record(
        [
            "unit": .text("The unit."),
            "active_state": .text("How it is, or was before a dry run: active, inactive, failed."),
            "main_pid": ["description": "Its main process, where there is one.", "type": ["integer", "null"]],
        ],
        optional: ["main_pid"]
    )

    /// What is told by what enables and disables.
    static let enablement = JSONValue.record([
        "unit": .text("The unit."), "enabled": .text("What systemd says of it: enabled, disabled, static, masked."),
    ])

    /// A unit file without an ending that systemd knows, or that is a path.
    static func faultsOfUnitFile(_ data: JSONValue, _ pointer: String) -> [Fault] {
        let endings = [".service", ".socket", ".timer", ".target", ".mount", ".automount", ".path", ".slice", ".swap"]
        guard let name = data["unit"]?.string, !endings.contains(where: { name.hasSuffix($0) && name != $0 }) else {
            return []
        }
        return [Fault(pointer: "\(pointer)/unit", detail: "must end with one of \(endings.joined(separator: ", "))")]
    }
}
