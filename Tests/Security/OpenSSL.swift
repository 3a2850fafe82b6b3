// SPDX-License-Identifier: Apache-2.0

import Deployments

/// The command line of OpenSSL: a peer that is not of our making.
enum OpenSSL {
    /// Runs it to its end, with nothing on its standard input.
    static func run(_ arguments: [String]) async throws -> ChildProcess.Result {
        try await ChildProcess.run("/usr/bin/openssl", arguments)
    }
}
