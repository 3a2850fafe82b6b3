// SPDX-License-Identifier: Apache-2.0

import Deployments
import Foundation

/// A filesystem in memory, so small that it can be filled.
final class SmallDisk: Sendable {
    /// Where it is mounted.
    let directory: URL
    private var ballast: URL { directory.appending(path: "ballast") }

    /// Why there can be none here; nil where there can.
    static let problem: String? = {
        let place = FileManager.default.temporaryDirectory.appending(path: "broker-mount-\(UUID().uuidString)")
        do {
            let disk = try SmallDisk(at: place, kilobytes: 64)
            disk.end()
            return nil
        } catch {
            return "a tmpfs cannot be mounted: \(error)"
        }
    }()

    /// Mounts one.
    ///
    /// - Throws: `POSIXError` where that is refused, as it is to anybody but root.
    init(at directory: URL, kilobytes: Int) throws {
        self.directory = directory
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        guard mount("tmpfs", directory.path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EPERM)
        }
    }

    /// Leaves no room.
    func fill() throws {
        let descriptor = open(ballast.path, O_WRONLY | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw DeploymentError("the disk cannot be filled: \(errno)") }
        defer { close(descriptor) }
        // The last bytes go one page at a time: a larger write that does not fit whole may write nothing.
        for size in [65_536, 4096] {
            let block = [UInt8](repeating: 1, count: size)
            while write(descriptor, block, size) == size {}
        }
    }

    /// Makes room again.
    func makeRoom() throws { try FileManager.default.removeItem(at: ballast) }

    /// Unmounts it, whoever still uses it.
    func end() {
        umount2(directory.path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(at: directory)
    }
}
