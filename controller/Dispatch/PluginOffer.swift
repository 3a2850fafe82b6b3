// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What an agent tells of its plug-ins, read once: those that can be used, and why others cannot.
struct PluginOffer: Sendable {
    /// A description with what is asked of it time and again.
    struct Plugin: Hashable, Sendable {
        let descriptor: OperationDescriptor
        /// As it is told.
        let bytes: Int
        /// How many places of its schema are marked `secret`.
        let secrets: Int

        init(_ descriptor: OperationDescriptor, bytes: Int) {
            self.descriptor = descriptor
            self.bytes = bytes
            secrets = Self.secrets(in: descriptor.schema)
        }

        private static func secrets(in schema: JSONValue) -> Int {
            switch schema {
            case .object(let members):
                members.values.reduce(schema["secret"] == true ? 1 : 0) { $0 + secrets(in: $1) }
            case .array(let elements): elements.reduce(0) { $0 + secrets(in: $1) }
            case .null, .bool, .int, .double, .string: 0
            }
        }

        // A description has up to 16 KiB, and few are alike in these.
        func hash(into hasher: inout Hasher) {
            hasher.combine(descriptor.type)
            hasher.combine(bytes)
            hasher.combine(descriptor.summary)
        }
    }

    /// Those that can be used: one of each name.
    let plugins: [Plugin]
    /// Those that cannot.
    let refusals: [PluginRefusal]

    /// Reads the fact in which an agent tells of them.
    init(_ fact: JSONValue) {
        var plugins: [Plugin] = []
        var refusals: [PluginRefusal] = []
        var names: Set<String> = []
        let told = fact.array ?? []
        for json in told.prefix(OperationDescriptor.maximumPlugins) {
            do throws(Fault) {
                let descriptor = try OperationDescriptor(plugin: json)
                guard names.insert(descriptor.type).inserted else {
                    throw Fault(pointer: "/type", detail: "is told twice")
                }
                plugins.append(Plugin(descriptor, bytes: descriptor.toldBytes))
            } catch {
                refusals.append(PluginRefusal(json["type"]?.string ?? "?", "\(error.pointer) \(error.detail)"))
            }
        }
        if told.count > OperationDescriptor.maximumPlugins {
            let most = OperationDescriptor.maximumPlugins
            refusals.append(PluginRefusal("*", "an agent has at most \(most) plug-ins, and told of \(told.count)"))
        }
        self.plugins = plugins
        self.refusals = refusals
    }
}

/// Why the controller does not use a plug-in that an agent tells of.
package struct PluginRefusal: Hashable, Sendable, CustomStringConvertible {
    /// The name of its operation, cut to what an operation may be called; `*` for several.
    package let type: String
    /// Why, in words.
    package let reason: String

    init(_ type: String, _ reason: String) {
        self.type = String(type.prefix(64))
        self.reason = String(reason.prefix(200))
    }

    /// Both, for a log.
    package var description: String { "\(type): \(reason)" }
}
