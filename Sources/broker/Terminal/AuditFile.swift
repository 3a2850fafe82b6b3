// SPDX-License-Identifier: Apache-2.0

import Access
import BrokerClient
import CommandLine
import Glibc
import Jobs

/// A file with the audit log, as `broker audit export` writes it, or stdin for `-`; read a line at a time, however long
/// it is.
struct AuditFile {
    let path: String

    /// Calls `body` with every line.
    ///
    /// - Throws: ``UsageError`` for a file that cannot be read; `AuditFault` for a line that is none; what `body` throws.
    func each(_ body: (AuditRecord) throws -> Void) throws {
        // The name that the system has for stdin.
        guard let stream = fopen(path == "-" ? "/dev/stdin" : path, "re") else {
            throw UsageError("cannot open \(path): \(systemReason(errno))")
        }
        defer { fclose(stream) }
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        var number: Int64 = 0
        while true {
            let count = getline(&line, &size, stream)
            guard count > 0, let line else { break }
            number += 1
            let bytes = UnsafeRawBufferPointer(start: line, count: count)
            guard let record = try? JSON.decode(AuditRecord.self, from: bytes) else {
                throw AuditFault(number: number, message: "line \(number) of the file is none of an audit log")
            }
            try body(record)
        }
        guard ferror(stream) == 0 else { throw UsageError("cannot read \(path): \(systemReason(errno))") }
    }
}
