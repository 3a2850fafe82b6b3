// SPDX-License-Identifier: Apache-2.0

extension OperationDescriptor {
    /// The fact in which an agent tells of its plug-ins: a list of descriptors.
    public static let pluginsFact = "plugins"
    /// The most plug-ins of an agent.
    public static let maximumPlugins = 64
    /// The most bytes in which a plug-in describes itself, and in which an agent tells of it.
    public static let maximumPluginBytes = 16_384

    /// Reads how a plug-in describes itself.
    ///
    /// - Parameter json: an object with `type`, `kind`, `summary` and `schema`, and perhaps `result`, `dry_run`,
    ///   `limit_ms` and `examples`.
    /// - Throws: a ``Fault`` with the place of what is missing, unknown, too much or not as it has to be. A plug-in cannot have
    ///   the name of an operation that every agent has.
    public init(plugin json: JSONValue) throws(Fault) {
        if let fault = Self.pluginSchema.faults(in: json).first { throw fault }
        let type = json["type"]?.string ?? ""
        if let detail = Self.problem(ofPluginNamed: type) { throw Fault(pointer: "/type", detail: detail) }
        let schema = json["schema"] ?? .null
        guard schema["type"] == "object" else {
            throw Fault(pointer: "/schema/type", detail: "must be 'object': parameters are members of one")
        }
        let parameters = try Self.schema(schema, at: "/schema")
        let result = json["result"] ?? ["type": "object"]
        _ = try Self.schema(result, at: "/result")
        let kind = json["kind"]?.string.flatMap(OperationKind.init) ?? .modify
        self.init(
            type: type,
            kind: kind,
            summary: json["summary"]?.string ?? "",
            schema: schema,
            result: result,
            dryRun: kind == .read || json["dry_run"]?.bool == true,
            examples: (json["examples"]?.array ?? []).map {
                OperationExample($0["title"]?.string ?? "", $0["data"] ?? .object([:]))
            }
        )
        // Runs have the `timeout` that the schema gives them where they have none, and so that is the limit.
        let limit = CatalogueOperation.limit(
            parameters.fillingDefaults(in: .object([:])),
            default: .milliseconds(json["limit_ms"]?.int ?? 300_000)
        )
        limitMs = max(1000, limit.wholeMilliseconds)
        let bytes = toldBytes
        guard bytes <= Self.maximumPluginBytes else {
            throw Fault(
                pointer: "",
                detail: "takes \(bytes) bytes, more than the \(Self.maximumPluginBytes) of a plug-in"
            )
        }
    }

    /// How many bytes there are to tell of it.
    package var toldBytes: Int { (try? JSON.encode(self))?.count ?? .max }

    /// The same, with a limit that is at least this.
    package func allowing(milliseconds: Int64) -> OperationDescriptor {
        var descriptor = self
        descriptor.limitMs = max(limitMs, milliseconds)
        return descriptor
    }

    private static func schema(_ schema: JSONValue, at pointer: String) throws(Fault) -> JSONSchema {
        do {
            return try JSONSchema(schema)
        } catch {
            throw Fault(pointer: pointer + error.pointer, detail: error.detail)
        }
    }

    private static func problem(ofPluginNamed type: String) -> String? {
        if OperationCatalogue.builtIn[type] != nil { return "'\(type)' is an operation that every agent has" }
        let words = type.split(separator: ".", omittingEmptySubsequences: false)
        let isName =
            words.count >= 2
            && words.allSatisfy { word in
                !word.isEmpty
                    && word.utf8.allSatisfy { byte in
                        byte.isASCIIAlphanumeric && !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte)
                            || byte == UInt8(ascii: "_")
                    }
            }
        guard !isName || type.utf8.count > 64 else { return nil }
        return "must be words of a-z, 0-9 and '_' with dots between: 'acme.backup'"
    }

    private static let pluginSchema = JSONSchema.known([
        "type": "object",
        "properties": [
            "type": ["type": "string"],
            "kind": ["enum": ["read", "modify"]],
            "summary": ["type": "string", "minLength": 1, "maxLength": 500],
            "schema": ["type": "object"],
            "result": ["type": "object"],
            "dry_run": ["type": "boolean"],
            "limit_ms": ["type": "integer", "minimum": 1000, "maximum": 86_400_000],
            "examples": [
                "type": "array", "maxItems": 10,
                "items": [
                    "type": "object",
                    "properties": ["title": ["type": "string"], "data": ["type": "object"]],
                    "required": ["title", "data"],
                    "additionalProperties": false,
                ],
            ],
        ],
        "required": ["type", "kind", "summary", "schema"],
        "additionalProperties": false,
    ])
}

extension JSONSchema {
    /// A schema that is written in this module, and so can be read.
    fileprivate static func known(_ schema: JSONValue) -> JSONSchema {
        do {
            return try JSONSchema(schema)
        } catch {
            preconditionFailure("a schema at \(error.pointer): \(error.detail)")
        }
    }
}
