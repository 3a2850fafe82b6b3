// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import Jobs

/// An agent asks for bytes of an object that one of its runs needs.
package struct ObjectQuestion: Hashable, Sendable {
    /// The SHA-256 of the object as hexadecimal digits.
    package var sha256: String
    /// Where the wanted bytes begin.
    package var offset: Int64
    /// How many bytes at most; 0 where no more of it is needed, so that the controller can serve others.
    package var length: Int

    /// Makes a value of its parts.
    package init(sha256: String, offset: Int64, length: Int) {
        self.sha256 = sha256
        self.offset = offset
        self.length = length
    }
}

/// Bytes of an object, for an agent.
package struct ObjectPiece: Hashable, Sendable {
    /// The SHA-256 of the object as hexadecimal digits.
    package var sha256: String
    /// How many bytes the object has.
    package var totalBytes: Int64
    /// Where these begin.
    package var offset: Int64
    /// The bytes; none at the end of the object.
    package var bytes: [UInt8]

    /// Makes a value of its parts.
    package init(sha256: String, totalBytes: Int64, offset: Int64, bytes: [UInt8]) {
        self.sha256 = sha256
        self.totalBytes = totalBytes
        self.offset = offset
        self.bytes = bytes
    }
}

/// Bytes of a file that a run gives to the controller's objects.
package struct ObjectUpload: Hashable, Sendable {
    /// The job of the run.
    package var jobID: JobID
    /// Where these bytes begin.
    package var offset: Int64
    /// The bytes.
    package var bytes: [UInt8]
    /// How many bytes the file has.
    package var totalBytes: Int64
    /// With the last bytes: the SHA-256 of all of them as hexadecimal digits.
    package var sha256: String?

    /// Makes a value of its parts.
    package init(jobID: JobID, offset: Int64, bytes: [UInt8], totalBytes: Int64, sha256: String? = nil) {
        self.jobID = jobID
        self.offset = offset
        self.bytes = bytes
        self.totalBytes = totalBytes
        self.sha256 = sha256
    }
}

/// How far the controller is with a file that it is given.
package struct UploadReceipt: Hashable, Sendable {
    /// How many bytes it has: the next ones begin there.
    package var held: Int64
    /// The object, once all of it is on the controller's disk.
    package var object: ObjectReference?

    /// Makes a value of its parts.
    package init(held: Int64, object: ObjectReference? = nil) {
        self.held = held
        self.object = object
    }
}

// MARK: Protobuf

extension ObjectQuestion {
    init(_ message: PBObjectRequest) throws(WireError) {
        guard message.length <= WireLimits.objectPiece else { throw .malformed("length") }
        self.init(
            sha256: try sha256Text(message.sha256),
            offset: try fileOffset(message.offset),
            length: Int(message.length)
        )
    }

    var protobuf: PBObjectRequest {
        var message = PBObjectRequest()
        message.sha256 = sha256Bytes(sha256)
        message.offset = UInt64(clamping: offset)
        message.length = UInt32(clamping: length)
        return message
    }
}

extension ObjectPiece {
    init(_ message: PBObjectPiece) throws(WireError) {
        guard message.bytes.count <= WireLimits.objectPiece else { throw .malformed("a piece of an object") }
        self.init(
            sha256: try sha256Text(message.sha256),
            totalBytes: try fileOffset(message.totalBytes),
            offset: try fileOffset(message.offset),
            bytes: Array(message.bytes)
        )
    }

    var protobuf: PBObjectPiece {
        var message = PBObjectPiece()
        message.sha256 = sha256Bytes(sha256)
        message.totalBytes = UInt64(clamping: totalBytes)
        message.offset = UInt64(clamping: offset)
        message.bytes = Data(bytes)
        return message
    }
}

extension ObjectUpload {
    init(_ message: PBObjectUpload) throws(WireError) {
        guard message.bytes.count <= WireLimits.objectPiece else { throw .malformed("a piece of an object") }
        self.init(
            jobID: try Wire.jobID(message.jobID),
            offset: try fileOffset(message.offset),
            bytes: Array(message.bytes),
            totalBytes: try fileOffset(message.totalBytes),
            sha256: message.sha256.isEmpty ? nil : try sha256Text(message.sha256)
        )
    }

    var protobuf: PBObjectUpload {
        var message = PBObjectUpload()
        message.jobID = jobIDBytes(jobID)
        message.offset = UInt64(clamping: offset)
        message.bytes = Data(bytes)
        message.totalBytes = UInt64(clamping: totalBytes)
        if let sha256 { message.sha256 = sha256Bytes(sha256) }
        return message
    }
}

extension UploadReceipt {
    init(_ message: PBUploadReceipt) throws(WireError) {
        var object: ObjectReference?
        if !message.sha256.isEmpty {
            guard ObjectName.fault(in: message.name) == nil else { throw .malformed("the name of an object") }
            object = ObjectReference(
                name: message.name,
                sha256: try sha256Text(message.sha256),
                size: try fileOffset(message.held)
            )
        }
        self.init(held: try fileOffset(message.held), object: object)
    }

    var protobuf: PBUploadReceipt {
        var message = PBUploadReceipt()
        message.held = UInt64(clamping: held)
        if let object, let sha256 = object.sha256 {
            message.name = object.name
            message.sha256 = sha256Bytes(sha256)
        }
        return message
    }
}

/// The digits of the 32 bytes of a SHA-256.
private func sha256Text(_ bytes: Data) throws(WireError) -> String {
    guard bytes.count == 32 else { throw .malformed("a SHA-256 has 32 bytes") }
    return Hexadecimal.text(bytes)
}

/// The bytes of a SHA-256; none for what is none.
private func sha256Bytes(_ text: String) -> Data {
    Data(Hexadecimal.bytes(text) ?? [])
}

/// A place in a file, or its size.
private func fileOffset(_ number: UInt64) throws(WireError) -> Int64 {
    guard let offset = Int64(exactly: number) else { throw .malformed("a place in a file") }
    return offset
}
