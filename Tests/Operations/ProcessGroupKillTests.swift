// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@testable import Operations

@Suite(.timeLimit(.minutes(10)))
struct ProcessGroupKillTests {
    @Test func `who kills the agent's whole process group does not free its runs`() async throws {
        try await withTemporaryDirectory { directory in
            await #expect(processExitsWith: .signal(SIGKILL)) { [directory = directory as String] in
                setsid()
                var context = testContext()
                // Without a group of control the supervisor is all there is.
                context.controlGroups = nil
                let line = "(setsid sh -c 'echo $$ > \(directory)/daemon; exec sleep 600' &); sleep 600"
                try await withThrowingTaskGroup { [context] group in
                    group.addTask { _ = try await shell(line, in: context) }
                    _ = try await contents(of: directory + "/daemon")
                    kill(0, SIGKILL)
                    try await group.waitForAll()
                }
            }

            let pid = try #require(Int32(try await contents(of: directory + "/daemon").split(separator: "\n")[0]))
            while isAlive(pid) { try await Task.sleep(for: .milliseconds(10)) }
        }
    }
}
