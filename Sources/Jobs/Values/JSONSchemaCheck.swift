// SPDX-License-Identifier: Apache-2.0

// Checking a value. The depth of the work is the depth of the schema, never that of the value.

/// One check of a value against a schema: gathers faults until there are enough.
struct JSONSchemaCheck {
    /// Whether what is replaced on the host fits wherever it is replaced.
    var allowsReferences = false
    private(set) var faults: [Fault] = []

    private var isFull: Bool { faults.count >= JSONSchema.maximumFaults }

    mutating func check(_ value: JSONValue, _ schema: JSONSchema, at pointer: String) {
        let rules = schema.rules
        if rules.refusesAll { return add("nothing is allowed here", at: pointer) }
        if rules.isSecret, value.isSealed { return }
        if rules.isObject, value.object != nil, ObjectReference(value) != nil { return }
        if allowsReferences, !rules.isLiteral, !rules.isSecret, let text = value.string, Reference.isIn(text) { return }
        guard rules.types.isEmpty || rules.types.contains(where: { $0.takes(value) }) else {
            let wanted = rules.types.map(\.name).joined(separator: " or ")
            return add("must be \(wanted), not \(JSONType(of: value).name)", at: pointer)
        }
        if let allowed = rules.allowed, !allowed.contains(where: { isSame($0, value) }) {
            return add("must be \(listed(allowed))", at: pointer)
        }
        switch value {
        case .null, .bool: break
        case .int, .double: checkNumber(value.number ?? 0, rules, at: pointer)
        case .string(let text): checkText(text, rules, at: pointer)
        case .array(let elements): checkList(elements, rules, at: pointer)
        case .object(let members): checkObject(members, rules, at: pointer)
        }
    }

    private mutating func add(_ detail: String, at pointer: String) {
        if !isFull { faults.append(Fault(pointer: pointer, detail: detail)) }
    }

    private mutating func checkNumber(_ number: Double, _ rules: JSONSchema.Rules, at pointer: String) {
        if let bound = rules.minimum, number < bound { add("must be at least \(text(bound))", at: pointer) }
        if let bound = rules.maximum, number > bound { add("must be at most \(text(bound))", at: pointer) }
        if let bound = rules.exclusiveMinimum, number <= bound { add("must be more than \(text(bound))", at: pointer) }
        if let bound = rules.exclusiveMaximum, number >= bound { add("must be less than \(text(bound))", at: pointer) }
    }

    private mutating func checkText(_ text: String, _ rules: JSONSchema.Rules, at pointer: String) {
        // Whether a text may be empty is said by its shortest length.
        if !text.isEmpty, let fault = rules.format?.fault(in: text) { add(fault, at: pointer) }
        guard rules.minLength != nil || rules.maxLength != nil else { return }
        // Characters are what RFC 8259 calls so: Unicode code points.
        let length = text.unicodeScalars.count
        if let bound = rules.minLength, length < bound {
            add(bound == 1 ? "must not be empty" : "must have at least \(bound) characters", at: pointer)
        }
        if let bound = rules.maxLength, length > bound { add("must have at most \(bound) characters", at: pointer) }
    }

    private mutating func checkList(_ elements: [JSONValue], _ rules: JSONSchema.Rules, at pointer: String) {
        if let bound = rules.minItems, elements.count < bound {
            add(bound == 1 ? "must not be empty" : "must have at least \(bound) elements", at: pointer)
        }
        if let bound = rules.maxItems, elements.count > bound {
            return add("must have at most \(bound) elements, not \(elements.count)", at: pointer)
        }
        switch rules.items {
        case .free: break
        case .refused:
            if !elements.isEmpty { add("must be empty", at: pointer) }
        case .each(let schema):
            for (index, element) in elements.enumerated() {
                if isFull { return }
                check(element, schema, at: "\(pointer)/\(index)")
            }
        }
    }

    private mutating func checkObject(_ members: [String: JSONValue], _ rules: JSONSchema.Rules, at pointer: String) {
        for name in rules.required where members[name] == nil {
            add("\(name) is missing", at: "\(pointer)/\(escapedForJSONPointer(name))")
        }
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            if isFull { return }
            let place = "\(pointer)/\(escapedForJSONPointer(name))"
            if let schema = rules.properties[name] {
                check(member, schema, at: place)
                continue
            }
            switch rules.otherProperties {
            case .free: break
            case .refused: add("unknown field '\(name)'", at: place)
            case .each(let schema): check(member, schema, at: place)
            }
        }
    }

    /// Equality as JSON Schema has it: `1` and `1.0` are the same.
    private func isSame(_ left: JSONValue, _ right: JSONValue) -> Bool {
        if left == right { return true }
        guard let left = left.number, let right = right.number else { return false }
        return left == right
    }

    private func listed(_ values: [JSONValue]) -> String {
        let texts = values.map(text)
        guard texts.count > 1 else { return texts.joined() }
        return texts.dropLast().joined(separator: ", ") + " or " + texts[texts.count - 1]
    }

    private func text(_ number: Double) -> String {
        Int64(exactly: number).map(String.init) ?? String(number)
    }

    private func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .bool(let value): String(value)
        case .int(let value): String(value)
        case .double(let value): text(value)
        case .string(let text): "'\(text)'"
        case .array: "a certain list"
        case .object: "a certain object"
        }
    }
}
