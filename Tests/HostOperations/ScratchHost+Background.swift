// SPDX-License-Identifier: Apache-2.0

import ScratchHosts
import Testing

extension ScratchHost {
    /// Starts a script of the shell there, and leaves it running; answers its process.
    ///
    /// It is given none of the descriptors of the shell that starts it: Foundation takes a process for running as long as
    /// anybody has one of them.
    @discardableResult
    func start(_ script: String) async throws -> Int64 {
        let starter = """
            (
                for file in /proc/$BASHPID/fd/*; do
                    number=${file##*/}
                    [ "$number" -gt 2 ] && eval "exec $number>&-"
                done
                cd /
                unset TMPDIR
                exec sh -c "$0"
            ) </dev/null >/tmp/background.log 2>&1 &
            echo $!
            """
        let answer = try await program(["bash", "-c", starter, script])
        return try #require(Int64(answer.output.split(separator: "\n").first ?? ""), "\(answer)")
    }
}
