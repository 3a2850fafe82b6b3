// SPDX-License-Identifier: Apache-2.0

/// What was unpacked, looked at before it goes anywhere.
struct ArchiveTree {
    /// The way to something from the top, and where a link there leads.
    private var links: [[HostName]: HostName] = [:]
    private let stripped: Int

    /// Looks at all that was unpacked.
    ///
    /// The bits that give a program the rights of its owner or group are taken away: an archive is no place for those.
    ///
    /// - Parameters:
    ///   - name: the directory that it was unpacked into.
    ///   - parent: the directory that this is in.
    ///   - stripped: how many directories are taken off the front of each way.
    ///   - context: says when the time is over.
    /// - Throws: ``OperationError`` for what does not belong into an archive, and for links that lead out of it.
    init(
        _ name: HostName,
        in parent: borrowing HostDirectory,
        stripping stripped: Int,
        _ context: OperationContext
    ) throws(OperationError) {
        self.stripped = stripped
        try look([], HostDirectory(name, in: parent), context)
        for (way, target) in links { try check(way, target) }
    }

    private mutating func look(
        _ way: [HostName],
        _ directory: borrowing HostDirectory,
        _ context: OperationContext
    ) throws(OperationError) {
        guard way.count < HostDirectory.maximumDepth else {
            throw Self.refusal(way, "lies more than \(HostDirectory.maximumDepth) directories deep")
        }
        for name in try directory.names() {
            try context.checkTime()
            guard let state = try directory.state(of: name) else { continue }
            let place = way + [name]
            switch state.kind {
            case .directory: try look(place, HostDirectory(name, in: directory), context)
            case .file:
                guard state.mode & 0o6000 != 0 else { continue }
                let rights = FileRights(mode: state.mode & 0o1777, uid: nil, gid: nil)
                try directory.setRights(of: name, rights, present: state)
            case .link: links[Array(place.dropFirst(stripped))] = try directory.target(of: name)
            case .device, .fifo, .socket: throw Self.refusal(place, "is a \(state.kind.rawValue)")
            }
        }
    }

    /// Follows a link, over the other links of the archive, and refuses one that leaves it.
    private func check(_ way: [HostName], _ target: HostName) throws(OperationError) {
        guard !way.isEmpty else { return }
        var place = Array(way.dropLast())
        var pending = try Self.parts(of: target, way)
        var followed = 0
        while let part = pending.popLast() {
            if part.text == ".." {
                guard place.popLast() != nil else { throw Self.refusal(way, "is a link that leads out of the archive") }
                continue
            }
            place.append(part)
            guard let next = links[place] else { continue }
            followed += 1
            guard followed <= 40 else { throw Self.refusal(way, "is a link that leads round in a circle") }
            place.removeLast()
            pending += try Self.parts(of: next, way)
        }
    }

    /// The parts of a link's target, the last one first.
    private static func parts(of target: HostName, _ way: [HostName]) throws(OperationError) -> [HostName] {
        let bytes = target.bytes.dropLast()
        guard bytes.first != CChar(bitPattern: UInt8(ascii: "/")) else {
            throw refusal(way, "is a link to an absolute path")
        }
        return bytes.split(separator: CChar(bitPattern: UInt8(ascii: "/"))).reversed()
            .map { HostName(bytes: Array($0) + [0]) }.filter { $0.text != "." }
    }

    static func refusal(_ way: [HostName], _ text: String) -> OperationError {
        OperationError("refused_member", "'\(way.map(\.text).joined(separator: "/"))' in the archive \(text)")
    }
}
