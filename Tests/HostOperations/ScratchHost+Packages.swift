// SPDX-License-Identifier: Apache-2.0

import ScratchHosts
import Testing

extension ScratchHost {
    /// Installs packages of the distribution on the host; cancels the test where their mirror cannot be reached.
    func install(_ packages: String) async throws {
        let script = """
            export DEBIAN_FRONTEND=noninteractive
            options='-qq -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o DPkg::Lock::Timeout=60'
            timeout 120 apt-get $options update && timeout 300 apt-get $options -y --no-install-recommends install \(packages)
            """
        let answer = try await program(["sh", "-c", script])
        guard answer.exitCode == 0 else {
            try Test.cancel("the packages \(packages) cannot be had: \(answer.errors.suffix(200))")
        }
    }
}
