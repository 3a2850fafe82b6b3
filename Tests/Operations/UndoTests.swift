// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Operations

/// How changes of several steps are taken back.
struct UndoTests {
    /// The context of a run whose time is over, and that was cancelled.
    private var ended: OperationContext {
        var context = testContext()
        context.deadline = .now - .seconds(1)
        context.cancellation.order(RunCancellation.Order())
        return context
    }

    @Test func `what takes a change back outlives the run`() async throws {
        let context = ended
        // Long enough to be ended, where anything ends it.
        let slow = ["sh", "-c", "sleep 0.5; echo done"]
        await #expect(throws: OperationError.self) { try await context.tool(slow) }
        let task = Task { await context.shielded { try? await $0.tool(slow).text } }
        task.cancel()
        #expect(await task.value == "done\n")
    }

    @Test func `a run that was cancelled has its files put back`() async throws {
        try await withTemporaryDirectory { directory in
            let (path, context) = (directory + "/file", ended)
            try "old".write(toFile: path, atomically: false, encoding: .utf8)
            let undo = [try FileUndo(path), try FileUndo(directory + "/new")]
            let task = Task {
                try await context.undoing(undo) {
                    for file in undo { try "new".write(toFile: file.path, atomically: false, encoding: .utf8) }
                    throw OperationError.cancelled()
                }
            }
            task.cancel()
            let error = await #expect(throws: OperationError.self) { try await task.value }
            #expect(error?.state == .cancelled && error?.changed == false)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["file"])
        }
    }

    @Test(arguments: [nil, true, false])
    func `what cannot be taken back is told as far as it is known`(known: Bool?) async throws {
        let error = await #expect(throws: OperationError.self) {
            try await testContext().undoing(
                [],
                and: { _ in throw OperationError("stuck", "it is stuck", changed: known) },
                { throw OperationError("first", "it has failed") }
            )
        }
        #expect(error?.code == "first" && error?.message.hasSuffix("it is stuck") == true)
        #expect(error?.changed == (known == true ? true : nil))
    }
}
