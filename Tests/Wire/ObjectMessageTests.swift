// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Wire

/// The messages about stored objects.
struct ObjectMessageTests {
    private static let sha256 = String(repeating: "0f", count: 32)
    private static let job = JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41)

    @Test(
        arguments: [
            .object(ObjectQuestion(sha256: sha256, offset: 1 << 40, length: 262_144)),
            .object(ObjectQuestion(sha256: sha256, offset: 0, length: 0)),
            .upload(ObjectUpload(jobID: job, offset: 0, bytes: [1, 2], totalBytes: 3)),
            .upload(ObjectUpload(jobID: job, offset: 2, bytes: [3], totalBytes: 3, sha256: sha256)),
        ] as [AgentMessage]
    )
    func `what an agent sends arrives as it was`(message: AgentMessage) throws {
        #expect(try AgentMessage(bytes: message.bytes) == message)
    }

    @Test(
        arguments: [
            .piece(ObjectPiece(sha256: sha256, totalBytes: 5, offset: 3, bytes: [4, 5])),
            .piece(ObjectPiece(sha256: sha256, totalBytes: 5, offset: 5, bytes: [])),
            .uploaded(UploadReceipt(held: 7)),
            .uploaded(UploadReceipt(held: 9, object: ObjectReference(name: "a/b", sha256: sha256, size: 9))),
        ] as [ControllerMessage]
    )
    func `what a controller sends arrives as it was`(message: ControllerMessage) throws {
        #expect(try ControllerMessage(bytes: message.bytes) == message)
    }

    @Test(
        arguments: [
            .object(ObjectQuestion(sha256: "0f", offset: 0, length: 1)),
            .object(ObjectQuestion(sha256: sha256, offset: 0, length: WireLimits.objectPiece + 1)),
            .upload(
                ObjectUpload(
                    jobID: job,
                    offset: 0,
                    bytes: [UInt8](repeating: 0, count: WireLimits.objectPiece + 1),
                    totalBytes: 1
                )
            ),
        ] as [AgentMessage]
    )
    func `what breaks a limit is refused`(message: AgentMessage) {
        #expect(throws: WireError.self) { try AgentMessage(bytes: message.bytes) }
    }
}
