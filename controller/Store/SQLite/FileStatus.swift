// SPDX-License-Identifier: Apache-2.0

import Foundation

/// What a copy of the store needs of the file system.
enum FileStatus {
    /// Whether there is anything at `path`.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    /// Removes a file if there is one.
    ///
    /// - Throws: ``StoreError`` where that is not allowed.
    static func remove(_ path: String) throws {
        guard exists(path), unlink(path) != 0 else { return }
        throw StoreError(.inaccessible, "\(path): \(String(cString: strerror(errno)))")
    }

    /// Makes an empty file that only its owner can read; what writes to it keeps that.
    ///
    /// - Throws: ``StoreError`` where there is one, or none can be made.
    static func create(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.inaccessible, "\(path): \(String(cString: strerror(errno)))")
        }
        close(descriptor)
    }

    /// Gives a file that is on the disk its name.
    ///
    /// - Throws: ``StoreError``.
    static func finish(_ unfinished: String, as path: String) throws {
        let handle = try FileHandle(forUpdating: URL(filePath: unfinished))
        try handle.synchronize()
        try handle.close()
        // Unlike rename, link does not replace a file that has come meanwhile.
        guard link(unfinished, path) == 0 else {
            throw StoreError(.inaccessible, "\(path): \(String(cString: strerror(errno)))")
        }
        unlink(unfinished)
    }
}
