// SPDX-License-Identifier: Apache-2.0

/// What jobs can be exported as: a table of many lines, for spreadsheets and for programs.
public enum JobExport {
    /// What each line is.
    public enum Rows: String, Sendable, CaseIterable, Hashable {
        /// A job.
        case jobs
        /// A run of a job.
        case runs
    }

    /// How the lines are written.
    public enum Format: String, Sendable, CaseIterable, Hashable {
        /// RFC 4180, beginning with the names of the columns, for spreadsheets: with a byte order mark, and with no cell that one
        /// would take for a formula.
        case csv
        /// A JSON object a line.
        case ndjson

        /// The media type that asks for it.
        public var mediaType: String {
            switch self {
            case .csv: "text/csv"
            case .ndjson: "application/x-ndjson"
            }
        }
    }

    /// How many days an export covers at most.
    public static let maximumDays = 366
}
