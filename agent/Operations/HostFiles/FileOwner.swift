// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A user or a group as parameters name it.
package enum FileOwner: Hashable, Sendable, Decodable {
    /// By a name, which the name service of the host resolves.
    case name(String)
    /// By a number, which need not belong to anybody.
    case id(UInt32)

    /// Reads a text or a whole number.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let id = try? container.decode(UInt32.self) {
            self = .id(id)
        } else {
            self = .name(try container.decode(String.self))
        }
    }

    /// The number of the user.
    ///
    /// - Throws: ``OperationError`` for a name that the host does not know.
    package func uid() throws(OperationError) -> UInt32 {
        switch self {
        case .id(let id): return id
        case .name(let name):
            let id = try Self.lookUp("the user '\(name)'") { buffer, size, found in
                var entry = passwd()
                var result: UnsafeMutablePointer<passwd>?
                let failure = getpwnam_r(name, &entry, buffer, size, &result)
                if result != nil { found = entry.pw_uid }
                return failure
            }
            guard let id else { throw OperationError("unknown_user", "this host has no user '\(name)'") }
            return id
        }
    }

    /// The number of the group.
    ///
    /// - Throws: ``OperationError`` for a name that the host does not know.
    package func gid() throws(OperationError) -> UInt32 {
        switch self {
        case .id(let id): return id
        case .name(let name):
            let id = try Self.lookUp("the group '\(name)'") { buffer, size, found in
                var entry = group()
                var result: UnsafeMutablePointer<group>?
                let failure = getgrnam_r(name, &entry, buffer, size, &result)
                if result != nil { found = entry.gr_gid }
                return failure
            }
            guard let id else { throw OperationError("unknown_group", "this host has no group '\(name)'") }
            return id
        }
    }

    /// The name of a user; nil where the host knows none, or cannot find it out.
    package static func userName(of uid: UInt32) -> String? {
        try? lookUp("the user \(uid)") { buffer, size, found in
            var entry = passwd()
            var result: UnsafeMutablePointer<passwd>?
            let failure = getpwuid_r(uid, &entry, buffer, size, &result)
            if result != nil { found = entry.pw_name.map { String(cString: $0) } }
            return failure
        }
    }

    /// The name of a group; nil where the host knows none, or cannot find it out.
    package static func groupName(of gid: UInt32) -> String? {
        try? lookUp("the group \(gid)") { buffer, size, found in
            var entry = group()
            var result: UnsafeMutablePointer<group>?
            let failure = getgrgid_r(gid, &entry, buffer, size, &result)
            if result != nil { found = entry.gr_name.map { String(cString: $0) } }
            return failure
        }
    }

    /// The most bytes that an entry of the name service may take; a group may have many members.
    private static let maximumEntryBytes = 4 * 1024 * 1024

    /// Asks the name service, with a larger buffer each time that one is too small; nil where it knows nothing.
    private static func lookUp<Value>(
        _ what: String,
        _ ask: (UnsafeMutablePointer<CChar>, Int, inout Value?) -> Int32
    ) throws(OperationError) -> Value? {
        var size = 4096
        while true {
            let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
            defer { buffer.deallocate() }
            var found: Value?
            switch ask(buffer, size, &found) {
            case 0, ENOENT, ESRCH: return found
            case EINTR: continue
            case ERANGE where size < maximumEntryBytes: size *= 4
            case let failure: throw .system("cannot look up \(what)", failure)
            }
        }
    }
}

/// Whose a file is to be, and who may use it; nil for what stays as it is.
package struct FileRights: Hashable, Sendable {
    package var mode: UInt32?
    package var uid: UInt32?
    package var gid: UInt32?

    /// Makes rights of their parts.
    package init(mode: UInt32?, uid: UInt32?, gid: UInt32?) {
        self.mode = mode
        self.uid = uid
        self.gid = gid
    }

    /// Finds out what the parameters mean on this host.
    ///
    /// - Parameters:
    ///   - owner: the user.
    ///   - group: the group.
    ///   - mode: the permission bits in octal.
    /// - Throws: ``OperationError`` for a user or group that the host does not know.
    package init(owner: FileOwner? = nil, group: FileOwner? = nil, mode: String? = nil) throws(OperationError) {
        if let owner { uid = try owner.uid() }
        if let group { gid = try group.gid() }
        self.mode = mode.flatMap { UInt32($0, radix: 8) }
    }
}
