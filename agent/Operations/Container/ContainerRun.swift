// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `container.run`: a container that runs as described.
struct ContainerRun: ModifyOperation {
    let type = "container.run"

    struct Parameters: Decodable, Sendable {
        let description: ContainerDescription
        let replace: Bool
        let socket: String?

        init(from decoder: any Decoder) throws {
            description = try ContainerDescription(from: decoder)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            replace = try container.decode(Bool.self, forKey: .replace)
            socket = try container.decodeIfPresent(String.self, forKey: .socket)
        }

        private enum CodingKeys: String, CodingKey {
            case replace
            case socket
        }
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let engine = try ContainerEngine(parameters.socket, in: context)
        let wanted = parameters.description
        let image = ContainerImage(name: wanted.image)
        let imageID = try await image.id(of: engine)
        let old = try await HostContainer(wanted.name, of: engine)
        let subject = "container \(wanted.name)"
        if let old {
            let isAsDescribed = old.description == wanted.fingerprint
            if isAsDescribed, !parameters.replace || imageID == nil || Self.isSame(old.imageID, imageID) {
                return Self.running(old, subject, engine)
            }
            guard parameters.replace else {
                let message =
                    "container '\(wanted.name)' is there, and was described otherwise; make it anew with replace"
                throw OperationError("exists", message)
            }
        }
        var changes: [Plan.Change] = []
        if imageID == nil { changes.append(Plan.Change("image \(wanted.image)", from: nil, to: "present")) }
        let before = old.map { JSONValue.string("\($0.state), of \($0.imageID)") } ?? .null
        changes.append(Plan.Change(subject, from: before, to: .string("running, of \(imageID ?? wanted.image)")))
        return Plan(changes, data: ["name": .string(wanted.name)]) {
            if imageID == nil { try await image.pull(by: engine, as: nil) }
            do throws(OperationError) {
                try await ContainerReplacement(engine: engine, old: old, new: wanted).make()
            } catch {
                guard imageID == nil, error.changed == false else { throw error }
                // Others may have got it as well, or use it by now.
                var error = error.adding("; the image that it was to be of has come, and stays")
                error.changed = true
                throw error
            }
            // That its time is over by now does not undo it.
            return (try? await HostContainer(wanted.name, of: engine))?.told ?? [:]
        }
    }

    /// Docker has the id of an image with the name of its hash before it, Podman has it without.
    private static func isSame(_ left: String, _ right: String?) -> Bool {
        left.replacing("sha256:", with: "") == right?.replacing("sha256:", with: "")
    }

    private static func running(_ old: HostContainer, _ subject: String, _ engine: ContainerEngine) -> Plan {
        guard !old.isRunning else { return .nothing(old.told) }
        return Plan([Plan.Change(subject, from: .string(old.state), to: "running")], data: old.told) {
            _ = try await engine.ask("POST", ["containers", old.id, "start"], ok: [204, 304])
            return try await HostContainer(old.id, of: engine)?.told ?? [:]
        }
    }
}
