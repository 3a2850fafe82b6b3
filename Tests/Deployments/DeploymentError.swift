// SPDX-License-Identifier: Apache-2.0

/// A program of a test could not be set up or started.
package struct DeploymentError: Error, CustomStringConvertible {
    /// What happened, in words.
    package let description: String

    /// Makes an error of its words.
    package init(_ description: String) {
        self.description = description
    }
}
