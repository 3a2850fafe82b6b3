// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Passes on what was printed.
func flushStandardOutput() {
    fflush(nil)
}
