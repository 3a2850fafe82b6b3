// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file in the making, in the directory of the file whose place it is to take.
struct FileDraft: Sendable {
    /// Where it is; nobody else can read it until it is given a mode.
    let path: String
    private let place: FilePlace
    private let name: HostName
    private let target: HostName
    private let number: Int32

    /// Makes an empty one.
    ///
    /// - Throws: ``OperationError`` where the directory is not there or cannot be written.
    init(besides target: String) throws(OperationError) {
        try self.init(besides: FilePlace(target))
    }

    /// Makes an empty one.
    ///
    /// - Parameters:
    ///   - place: the file whose place it is to take.
    ///   - target: the name that it is to have instead; nil for that of the file.
    /// - Throws: ``OperationError`` where the directory cannot be written.
    init(besides place: FilePlace, as target: HostName? = nil) throws(OperationError) {
        self.place = place
        self.target = target ?? place.name
        name = HostName(HostPath.draftName(of: self.target.text))
        path = place.directory.path(of: name)
        number = try place.directory.makeFile(name)
    }

    /// Writes more of the content.
    func fill(_ content: [UInt8]) throws(OperationError) {
        let failure = writeAll(content, to: number)
        guard failure == 0 else { throw .system("cannot write '\(path)'", failure) }
    }

    /// Gives it an owner and a group; nil for no change.
    func setOwner(uid: UInt32?, gid: UInt32?) throws(OperationError) {
        guard uid != nil || gid != nil else { return }
        guard fchown(number, uid ?? UInt32.max, gid ?? UInt32.max) == 0 else {
            throw .system("cannot give '\(path)' its owner", errno)
        }
    }

    /// Gives it its mode.
    func setMode(_ mode: UInt32) throws(OperationError) {
        guard fchmod(number, mode) == 0 else { throw .system("cannot give '\(path)' its mode", errno) }
    }

    /// Takes its place, and is on the disk from then on.
    func take() throws(OperationError) {
        guard fsync(number) == 0 else { throw .system("cannot write '\(path)'", errno) }
        try place.directory.move(name, to: place.directory, as: target)
        close(number)
        // The name as well.
        place.directory.synchronise()
    }

    /// Takes it away.
    func discard() {
        place.directory.discard(name)
        close(number)
    }
}
