// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `file.block`: lines between two marking ones that a text file has, or has not.
struct FileBlockOperation: ModifyOperation {
    let type = "file.block"

    struct Parameters: FileEditingParameters, Decodable, Sendable {
        let path: String
        let block: String?
        let marker: String
        let state: EditState
        let insertAfter: String?
        let insertBefore: String?
        let create: Bool
        let owner: FileOwner?
        let group: FileOwner?
        let mode: String?
        let backup: Bool
        let validate: [String]?
        let follow: Bool
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        guard let markers = FileBlockMarkers(parameters.marker) else {
            throw OperationError("invalid_parameters", "/marker: must have '{mark}' in it")
        }
        let place = try EditPlace(parameters)
        return try await parameters.plan(in: context) { (lines: inout TextLines) throws(OperationError) in
            let present = try Self.range(of: markers, in: lines, parameters.path)
            switch parameters.state {
            case .absent:
                if let present { lines.replace(present, with: []) }
            case .present:
                var range = present
                if range == nil {
                    let index = try place.index(in: lines, context)
                    range = index..<index
                }
                if let range { lines.replace(range, with: Self.block(parameters.block ?? "", markers)) }
            }
        }
    }

    /// The lines of the block with those around it.
    private static func block(_ text: String, _ markers: FileBlockMarkers) -> [[UInt8]] {
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return [Array(markers.begin.utf8)] + lines.map { line in Array(line) } + [Array(markers.end.utf8)]
    }

    /// The lines of the block that is there; nil for none.
    private static func range(
        of markers: FileBlockMarkers,
        in lines: TextLines,
        _ path: String
    ) throws(OperationError) -> Range<Int>? {
        let indices = 0..<lines.count
        let begins = indices.filter { lines[$0].elementsEqual(markers.begin.utf8) }
        let ends = indices.filter { lines[$0].elementsEqual(markers.end.utf8) }
        if begins.isEmpty, ends.isEmpty { return nil }
        guard begins.count == 1, ends.count == 1, begins[0] < ends[0] else {
            throw OperationError(
                "broken_block",
                "'\(path)' has \(begins.count) lines '\(markers.begin)' and \(ends.count) lines '\(markers.end)', "
                    + "not one of each in this order; mend it by hand"
            )
        }
        return begins[0]..<(ends[0] + 1)
    }
}
