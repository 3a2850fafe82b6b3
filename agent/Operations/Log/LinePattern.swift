// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An extended regular expression of POSIX: no pattern takes more time than in proportion to its text and itself.
final class LinePattern {
    private var expression = regex_t()

    /// Reads a pattern.
    ///
    /// - Throws: `invalid_parameters` for one that is none.
    init(_ pattern: String) throws(OperationError) {
        let failure = regcomp(&expression, pattern, REG_EXTENDED | REG_NOSUB)
        guard failure == 0 else {
            let reason = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
                guard let start = buffer.baseAddress else { return "" }
                _ = regerror(failure, &expression, start, 256)
                return String(cString: start)
            }
            throw OperationError("invalid_parameters", "/pattern: '\(pattern)' is no regular expression: \(reason)")
        }
    }

    deinit { regfree(&expression) }

    /// Whether any part of a line matches.
    func matches(_ line: String) -> Bool {
        regexec(&expression, line, 0, nil, 0) == 0
    }
}
