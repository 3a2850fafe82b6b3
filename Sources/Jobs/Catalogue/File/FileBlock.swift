// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `file.block`: lines between two marking ones that a text file has, or has not.
    static let fileBlock = CatalogueOperation(
        "file.block",
        .modify,
        "Sees to it that a text file has a block of lines between two marking lines, or has it not.",
        parameters: .parameters(
            FileParameters.editing.merging([
                "block": .text("The lines of the block.", maximum: FileParameters.maximumContentBytes),
                "marker": .text(
                    "The lines around the block; '{mark}' in it stands for BEGIN and END. Each block of a file needs its own.",
                    .line,
                    maximum: 1024,
                    default: FileBlockMarkers.defaultMarker
                ),
            ]) { $1 },
            required: ["path"]
        ),
        result: FileParameters.editingResult,
        examples: [
            OperationExample(
                "Names in the hosts file",
                [
                    "path": "/etc/hosts", "marker": "# {mark} app", "block": "10.0.0.5 db\n10.0.0.6 cache\n",
                    "backup": true,
                ]
            ),
            OperationExample(
                "Take the block away",
                ["path": "/etc/hosts", "marker": "# {mark} app", "state": "absent"]
            ),
        ],
        rules: { data, pointer in
            blockFaults(data, at: pointer) + FileParameters.editingFaults(in: data, at: pointer)
        }
    )

    private static func blockFaults(_ data: JSONValue, at pointer: String) -> [Fault] {
        let marker = data["marker"]?.string ?? FileBlockMarkers.defaultMarker
        guard let markers = FileBlockMarkers(marker) else {
            return [Fault(pointer: "\(pointer)/marker", detail: "must have '{mark}' in it")]
        }
        let block = data["block"]?.string ?? ""
        if data["state"] != "absent", block.isEmpty {
            return [
                Fault(pointer: "\(pointer)/block", detail: "must not be empty; to take a block away, use state absent")
            ]
        }
        let lines = block.utf8.split(separator: UInt8(ascii: "\n"))
        let hasMarker = lines.contains { $0.elementsEqual(markers.begin.utf8) || $0.elementsEqual(markers.end.utf8) }
        return hasMarker ? [Fault(pointer: "\(pointer)/block", detail: "must not have a marking line in it")] : []
    }
}

/// The lines around a block.
package struct FileBlockMarkers: Hashable, Sendable {
    /// What marks a block whose job does not say.
    static let defaultMarker = "# {mark} managed by broker"

    /// The line before it.
    package let begin: String
    /// The line after it.
    package let end: String

    /// Makes them of a marker; nil where it does not say which is which.
    package init?(_ marker: String) {
        guard marker.contains("{mark}") else { return nil }
        begin = marker.replacing("{mark}", with: "BEGIN")
        end = marker.replacing("{mark}", with: "END")
    }
}
