// SPDX-License-Identifier: Apache-2.0

/// The version of the program.
package enum ProgramVersion {
    /// The version as `broker --version` prints it.
    package static let text = "0.1.0"
}
