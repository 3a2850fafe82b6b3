// SPDX-License-Identifier: Apache-2.0

package import Jobs

extension RecordView where Record == ObjectRecord {
    /// Objects: a line each.
    package static let objects = RecordView([
        .text("name") { $0.name },
        .number("size") { $0.size },
        .text("sha256", { $0.sha256 }, cell: { Table.Cell(String($0.sha256.prefix(12))) }),
        .text("created_at", { $0.createdAt.description }, cell: { Table.Cell($0.createdAt.brief) }),
        .text("created_by") { $0.createdBy },
    ])
}
