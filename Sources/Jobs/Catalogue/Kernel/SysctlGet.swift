// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `sysctl.get`: settings of the kernel.
    static let sysctlGet = CatalogueOperation(
        "sysctl.get",
        .read,
        "Tells settings of the kernel; null for one that it does not have.",
        parameters: .parameters(
            [
                "keys": .list(
                    "The names of the settings.",
                    of: .text("A name, with dots.", .word, maximum: 255),
                    1...100
                )
            ],
            required: ["keys"]
        ),
        result: .record([
            "values": ["type": "object", "additionalProperties": ["type": ["string", "null"]]]
        ]),
        examples: [OperationExample("Ask whether hosts forward packets", ["keys": ["net.ipv4.ip_forward"]])],
        rules: { data, pointer in
            (data["keys"]?.array ?? []).enumerated().flatMap { index, key in
                SysctlKey.fault(key.string ?? "", at: "\(pointer)/keys/\(index)")
            }
        }
    )
}
