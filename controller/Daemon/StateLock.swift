// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Keeps a second controller away from a state directory for as long as the process lives.
///
/// Two controllers on one database would each give up the runs of the other's agents. The lock goes with the process,
/// however it ends.
struct StateLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: ``Failure`` where another process has it, or the directory cannot be written.
    init(directory: String) throws {
        let path = directory + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure("\(path): \(String(cString: strerror(errno)))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure("\(directory): another controller uses this state directory")
        }
    }

    deinit {
        close(descriptor)
    }
}
