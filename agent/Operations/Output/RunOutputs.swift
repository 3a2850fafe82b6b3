// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Where the outputs of one execution are kept.
package struct RunOutputs: Sendable {
    let archive: OutputArchive
    let name: String

    /// The file of one of them; nothing is made yet.
    func file(_ stream: RunOutput.Stream) -> OutputFile {
        OutputFile(archive: archive, name: "\(name).\(stream.rawValue)")
    }
}

/// The file of an output, made with its first bytes.
///
/// What cannot be written any more, since there is no room or the disk is full, ends it: what it has is the beginning, without a
/// hole.
struct OutputFile: ~Copyable {
    private let archive: OutputArchive
    private let name: String
    private var descriptor: Int32 = -1
    private var size = 0
    private var isOver = false

    /// Makes the file of a name; nothing is written yet.
    init(archive: OutputArchive, name: String) {
        self.archive = archive
        self.name = name
    }

    deinit {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        archive.close(name, size: size)
    }

    /// Takes the next bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard !isOver, !bytes.isEmpty else { return }
        if descriptor < 0 { descriptor = archive.create(name) ?? -1 }
        guard descriptor >= 0 else {
            isOver = true
            return
        }
        let room = archive.reserve(bytes.count, for: name)
        isOver = room < bytes.count
        var rest = bytes[..<room]
        while !rest.isEmpty {
            let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 {
                size += count
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                isOver = true
                return
            }
        }
    }
}
