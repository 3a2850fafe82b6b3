// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `sysctl.set`: a setting of the kernel.
    static let sysctlSet = CatalogueOperation(
        "sysctl.set",
        .modify,
        "Gives a setting of the kernel a value, at once and for the next start; puts both back where the kernel refuses it.",
        parameters: .parameters(
            [
                "key": .text("The name of the setting, with dots.", .word, maximum: 255),
                "value": [
                    "description": "The value; white space between several counts as one space.",
                    "type": ["string", "integer"], "format": .string(JSONSchemaFormat.line.rawValue), "minLength": 1,
                    "maxLength": 4096,
                ],
                "runtime": .flag("Whether the running kernel is to have it.", default: true),
                "persistent": .flag("Whether it is written to the file, for the next start.", default: true),
                "file": .path(
                    "The file for the next start: one in /etc/sysctl.d, or /etc/sysctl.conf.",
                    default: "/etc/sysctl.d/99-broker.conf"
                ),
            ],
            required: ["key", "value"]
        ),
        result: .record(
            [
                "key": ["type": "string"], "value": ["type": "string"],
                "overridden_by": ["type": "array", "items": ["type": "string"]],
            ],
            optional: ["overridden_by"]
        ),
        examples: [
            OperationExample(
                "Have hosts keep more connections waiting",
                ["key": "net.ipv4.tcp_max_syn_backlog", "value": 4096]
            )
        ],
        rules: { data, pointer in
            var faults = SysctlKey.fault(data["key"]?.string ?? "", at: "\(pointer)/key")
            if let file = data["file"]?.string, !isSysctlFile(file) {
                let detail = "must be a file 'NAME.conf' in /etc/sysctl.d, or /etc/sysctl.conf"
                faults.append(Fault(pointer: "\(pointer)/file", detail: detail))
            }
            if data["runtime"]?.bool == false, data["persistent"]?.bool == false {
                faults.append(Fault(pointer: "\(pointer)/persistent", detail: "or runtime must be true"))
            }
            return faults
        }
    )

    /// Whether a path is a file that is read for settings when a host starts, in a place that is the operator's.
    private static func isSysctlFile(_ path: String) -> Bool {
        if path == "/etc/sysctl.conf" { return true }
        guard path.hasPrefix("/etc/sysctl.d/"), path.hasSuffix(".conf") else { return false }
        let name = path.dropFirst("/etc/sysctl.d/".count)
        return !name.hasPrefix(".") && name.utf8.allSatisfy { $0.isASCIIAlphanumeric || "._-".utf8.contains($0) }
    }
}
