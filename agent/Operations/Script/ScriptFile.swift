// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// The body of a script in a file that only the agent's user can read, for as long as the script runs.
///
/// It lies in a directory of its own that is locked until then. What is not locked was left by an agent that died in the
/// middle: the next script takes it away.
struct ScriptFile: ~Copyable {
    /// The file.
    let path: String
    private let directory: String
    private let lock: FileDescriptor

    private static let prefix = "broker-script-"
    /// Younger ones may belong to an agent that is about to lock them.
    private static let minimumAge = Duration.seconds(60)

    /// Writes a script.
    ///
    /// - Parameters:
    ///   - body: what the interpreter is to read.
    ///   - parent: where temporary things lie.
    ///   - now: the time of day.
    /// - Throws: ``OperationError`` where it cannot be written; then nothing of it is left.
    init(_ body: String, in parent: String = "/tmp", now: Timestamp) throws(OperationError) {
        Self.sweep(parent, now: now)
        let end = String(repeating: "X", count: 6)
        var template = Array("\(parent)/\(Self.prefix)\(end)".utf8CString)
        guard mkdtemp(&template) != nil else { throw .system("cannot make a directory in '\(parent)'", errno) }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let path = directory + "/script"
        let lock = try Self.filled(directory, path, body)
        self.lock = lock
        self.directory = directory
        self.path = path
    }

    /// Locks the directory and writes the file; where that fails nothing of it is left.
    private static func filled(
        _ directory: String,
        _ path: String,
        _ body: String
    ) throws(OperationError) -> FileDescriptor {
        do throws(OperationError) {
            let lock = try locked(directory)
            try write(Array(body.utf8), to: path)
            return lock
        } catch {
            unlink(path)
            rmdir(directory)
            throw error
        }
    }

    private static func locked(_ directory: String) throws(OperationError) -> FileDescriptor {
        let lock = FileDescriptor(owning: open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        guard lock.number >= 0, flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            throw .system("cannot lock '\(directory)'", errno)
        }
        return lock
    }

    private static func write(_ bytes: [UInt8], to path: String) throws(OperationError) {
        let file = FileDescriptor(owning: open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
        guard file.number >= 0 else { throw .system("cannot write '\(path)'", errno) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(file.number, buffer.baseAddress?.advanced(by: written), bytes.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("cannot write '\(path)'", errno) }
            written += count
        }
    }

    /// Takes it away.
    func remove() {
        unlink(path)
        rmdir(directory)
    }

    /// Takes away what agents have left that died.
    private static func sweep(_ parent: String, now: Timestamp) {
        do throws(OperationError) {
            let directory = try HostDirectory(parent)
            for name in try directory.names() where name.text.hasPrefix(prefix) {
                guard let state = try directory.state(of: name), state.kind == .directory, state.uid == geteuid(),
                    now - Timestamp(milliseconds: state.modifiedMilliseconds) > minimumAge
                else { continue }
                removeUnlocked(name, in: directory)
            }
        } catch {
            // What cannot be looked at cannot be taken away; the next script tries again.
        }
    }

    private static func removeUnlocked(_ name: HostName, in parent: borrowing HostDirectory) {
        do throws(OperationError) {
            let directory = try HostDirectory(name, in: parent)
            guard directory.lock() else { return }
            var removal = TreeRemoval(in: nil)
            try removal.remove(name, in: parent)
        } catch {
            // Somebody else takes it away.
        }
    }
}
