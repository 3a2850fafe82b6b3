// SPDX-License-Identifier: Apache-2.0

// Short ways to write the schemas of operations.

extension JSONValue {
    /// The schema of an operation's parameters; members that are not named are refused.
    ///
    /// - Parameters:
    ///   - properties: the schema of each.
    ///   - required: those that must be given.
    /// - Returns: the schema.
    static func parameters(_ properties: [String: JSONValue], required: [String] = []) -> JSONValue {
        var schema: [String: JSONValue] = [
            "$schema": .string(schemaDialect),
            "type": "object",
            "properties": .object(properties),
            "additionalProperties": false,
        ]
        if !required.isEmpty { schema["required"] = .array(required.map(JSONValue.string)) }
        return .object(schema)
    }

    /// The schema of an object with these members, all of which are always there but for `optional`.
    static func record(_ properties: [String: JSONValue], optional: Set<String> = []) -> JSONValue {
        [
            "type": "object",
            "properties": .object(properties),
            "required": .array(properties.keys.filter { !optional.contains($0) }.sorted().map(JSONValue.string)),
        ]
    }

    /// A text.
    ///
    /// - Parameters:
    ///   - description: what it is for.
    ///   - format: what it has to look like.
    ///   - maximum: characters at most.
    ///   - value: what it is where it is left out.
    /// - Returns: the schema.
    static func text(
        _ description: String,
        _ format: JSONSchemaFormat? = nil,
        maximum: Int = 4096,
        default value: String? = nil
    ) -> JSONValue {
        var schema: [String: JSONValue] = [
            "description": .string(description), "type": "string", "maxLength": .int(Int64(maximum)),
        ]
        if let format {
            schema["format"] = .string(format.rawValue)
            schema["minLength"] = 1
        }
        schema["default"] = value.map(JSONValue.string)
        return .object(schema)
    }

    /// An absolute path.
    static func path(_ description: String, default value: String? = nil) -> JSONValue {
        text(description, .absolutePath, maximum: 4095, default: value)
    }

    /// A secret text: sealed to the hosts of the job, and shown to nobody.
    static func secret(_ description: String, maximum: Int = 4096) -> JSONValue {
        [
            "description": .string(description), "type": "string", "maxLength": .int(Int64(maximum)), "secret": true,
            "writeOnly": true,
        ]
    }

    /// The name of a stored object: the controller puts in its place what it stands for when the job is submitted.
    ///
    /// The operation gets an ``ObjectReference``, and the file of its bytes from `context.objects`.
    static func storedObject(_ description: String) -> JSONValue {
        [
            "description": .string(description), "type": "string", "minLength": 1,
            "maxLength": .int(Int64(ObjectName.maximumBytes)),
            "format": .string(JSONSchemaFormat.objectName.rawValue), "object": true, "references": false,
        ]
    }

    /// One of a few texts.
    static func choice(_ description: String, _ values: [String], default value: String? = nil) -> JSONValue {
        var schema: [String: JSONValue] = [
            "description": .string(description), "type": "string", "enum": .array(values.map(JSONValue.string)),
        ]
        schema["default"] = value.map(JSONValue.string)
        return .object(schema)
    }

    /// True or false.
    static func flag(_ description: String, default value: Bool) -> JSONValue {
        ["description": .string(description), "type": "boolean", "default": .bool(value)]
    }

    /// A whole number.
    static func integer(_ description: String, _ range: ClosedRange<Int64>, default value: Int64? = nil) -> JSONValue {
        var schema: [String: JSONValue] = [
            "description": .string(description), "type": "integer", "minimum": .int(range.lowerBound),
            "maximum": .int(range.upperBound),
        ]
        schema["default"] = value.map(JSONValue.int)
        return .object(schema)
    }

    /// A time in seconds.
    static func seconds(_ description: String, atMost maximum: Int64, default value: Int64) -> JSONValue {
        [
            "description": .string(description), "type": "number", "exclusiveMinimum": 0, "maximum": .int(maximum),
            // The controller has to know how long a run may take.
            "default": .int(value), "references": false,
        ]
    }

    /// A list.
    static func list(
        _ description: String,
        of items: JSONValue,
        _ count: ClosedRange<Int64> = 0...1000
    ) -> JSONValue {
        [
            "description": .string(description), "type": "array", "items": items,
            "minItems": .int(count.lowerBound), "maxItems": .int(count.upperBound),
        ]
    }

    /// Texts by name.
    static func texts(_ description: String) -> JSONValue {
        ["description": .string(description), "type": "object", "additionalProperties": ["type": "string"]]
    }
}

extension CatalogueOperation {
    /// Makes an operation whose schema says all of its parameters.
    ///
    /// - Parameters:
    ///   - type: its name.
    ///   - kind: whether it looks or changes.
    ///   - summary: a sentence on what it does.
    ///   - parameters: the schema of its parameters.
    ///   - result: the schema of the data of a run that went well.
    ///   - limit: how long a run may take where the parameters have no `timeout`.
    ///   - dryRun: whether one that changes can say beforehand what it would do.
    ///   - examples: uses of it.
    ///   - rules: what a schema cannot say.
    init(
        _ type: String,
        _ kind: OperationKind,
        _ summary: String,
        parameters: JSONValue = .schemaWithoutParameters,
        result: JSONValue,
        limit: Duration = .seconds(60),
        dryRun: Bool = true,
        examples: [OperationExample],
        rules: @escaping @Sendable (JSONValue, String) -> [Fault] = { _, _ in [] }
    ) {
        self.init(
            OperationDescriptor(
                type: type,
                kind: kind,
                summary: summary,
                schema: parameters,
                result: result,
                dryRun: dryRun,
                examples: examples
            ),
            runLimit: { data in Self.limit(data, default: limit) },
            rules: rules
        )
    }
}
