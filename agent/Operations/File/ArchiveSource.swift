// SPDX-License-Identifier: Apache-2.0

import Crypto
import Glibc
import Jobs

/// An archive that is to be unpacked, open from when it is looked at until it was unpacked.
struct ArchiveSource: Sendable {
    /// What it is.
    let file: OpenFile
    /// The stored object that it is, which stays on the host for as long as somebody has this; nil for a file of the host.
    private let object: ObjectFile?

    /// Takes a file of the host.
    ///
    /// - Throws: ``OperationError`` where there is none.
    init(at path: String) throws(OperationError) {
        guard let file = try OpenFile.at(path, following: true) else {
            throw OperationError("not_found", "there is no archive '\(path)'")
        }
        self.file = file
        object = nil
    }

    /// Takes a stored object that is on the host.
    ///
    /// - Parameters:
    ///   - object: the object.
    ///   - name: what it is called in messages.
    /// - Throws: ``OperationError`` where it cannot be read.
    init(_ object: ObjectFile, name: String) throws(OperationError) {
        file = try object.open(as: name)
        self.object = object
    }

    /// What is in it, once its names were looked at.
    struct Contents: Sendable {
        let format: ArchiveFormat
        /// How many files and directories there are.
        let members: Int
    }

    /// Finds out what is in it.
    ///
    /// - Throws: ``OperationError`` for what is no archive, is cut off, or has names that lead out of it.
    func contents(in context: OperationContext) async throws(OperationError) -> Contents {
        try await Self.contents(of: file, in: context)
    }

    private static func contents(
        of file: OpenFile,
        in context: OperationContext
    ) async throws(OperationError) -> Contents {
        let format = try ArchiveFormat(of: file)
        for tool in format.tools where !context.hasTool(tool) {
            throw .notApplicable("this host has no '\(tool)', which unpacks \(format.rawValue)")
        }
        let names: [Substring]
        do throws(OperationError) {
            names = try await context.tool(format.listing(file.openPath), ok: format.okExitCodes).lines
        } catch {
            throw error.replacing(file.openPath, with: file.path)
        }
        for name in names where isOutside(name, format) {
            throw OperationError("refused_member", "'\(name)' in the archive leads out of it")
        }
        guard try format.isWhole(file), !names.isEmpty else {
            throw OperationError("broken_archive", "'\(file.path)' has nothing in it, or its end is missing")
        }
        return Contents(format: format, members: names.count)
    }

    /// Whether a name is an absolute path, or has `..` in it.
    static func isOutside(_ name: Substring, _ format: ArchiveFormat) -> Bool {
        let separators = format == .zip ? "/\\".utf8 : "/".utf8
        if let first = name.utf8.first, separators.contains(first) { return true }
        return name.utf8.split { separators.contains($0) }.contains { $0.elementsEqual("..".utf8) }
    }

    /// Unpacks it into a directory.
    ///
    /// Of a file of the host a copy is unpacked, which nobody else can write to: so what comes out is what was looked at.
    ///
    /// - Parameters:
    ///   - contents: what it is.
    ///   - sha256: the SHA-256 that it had when it was looked at.
    ///   - destination: an empty directory.
    ///   - staging: a directory of the agent's alone, for the copy.
    ///   - context: runs the program that unpacks it.
    /// - Throws: ``OperationError``: `changed_meanwhile` for a file that has other bytes by now.
    func unpack(
        _ contents: Contents,
        sha256: String,
        into destination: String,
        in staging: borrowing HostDirectory,
        _ context: OperationContext
    ) async throws(OperationError) {
        var file = file
        if object == nil {
            file = try await copy(sha256, into: staging, context)
            // The names that were looked at may have been others, for a moment.
            _ = try await Self.contents(of: file, in: context)
        }
        do throws(OperationError) {
            let command = contents.format.extraction(file.openPath, into: destination)
            _ = try await context.tool(command, ok: contents.format.okExitCodes)
        } catch {
            throw error.replacing(file.openPath, with: file.path)
        }
    }

    private func copy(
        _ sha256: String,
        into staging: borrowing HostDirectory,
        _ context: OperationContext
    ) async throws(OperationError) -> OpenFile {
        let name = HostName("archive")
        let copy = FileDescriptor(owning: try staging.makeFile(name))
        var hash = SHA256()
        try await file.forEachPiece(in: context) { piece throws(OperationError) in
            hash.update(data: piece)
            try copy.writeAll(piece, to: staging.path(of: name))
        }
        guard Hexadecimal.text(hash.finalize()) == sha256 else {
            throw OperationError("changed_meanwhile", "'\(file.path)' has changed meanwhile; try again")
        }
        let number = staging.open(name)
        guard number >= 0 else { throw .system("cannot open the copy of '\(file.path)'", errno) }
        // Messages name the file that an operator knows.
        return try OpenFile(owning: FileDescriptor(owning: number), file.path)
    }
}
