// SPDX-License-Identifier: Apache-2.0

/// Where the programs of a deployment run and how they find each other, where that is not simply 127.0.0.1.
package struct Surroundings: Sendable {
    /// What is put before the controller's command line, to run it somewhere else.
    package var controllerPrefix: [String] = []
    /// The address on which the controller takes agents.
    package var agentsHost = "127.0.0.1"
    /// Makes a way to the port on which the controller's API is, and answers the port of 127.0.0.1 where it begins.
    package var openHTTP: @Sendable (_ port: Int) throws -> Int = { $0 }

    /// What is added to the environment of the program that makes certificates.
    package var certificatesEnvironment: [String: String] = [:]

    /// This machine as it is.
    package init() {}
}
