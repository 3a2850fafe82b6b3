// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Passes on what was printed.
func flushStandardOutput() {
    fflush(nil)
}

/// Tells people how far it is; standard output is for figures.
func printToStandardError(_ text: String) {
    let line = text + "\n"
    _ = line.utf8.withContiguousStorageIfAvailable { write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
