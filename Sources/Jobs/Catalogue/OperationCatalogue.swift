// SPDX-License-Identifier: Apache-2.0

/// The operations that there are, and the rules for their parameters.
///
/// The controller checks a submission with it, and an agent checks the same again before it runs anything.
public struct OperationCatalogue: Sendable {
    /// What a run of an operation that is not in the catalogue may take, so that a controller can still bound a run
    /// that a newer one has submitted.
    public static let limitOfUnknownOperations = Duration.seconds(300)

    /// The operations of this version of Broker.
    ///
    /// Each group has a list of its own, in a file beside its operations.
    public static let builtIn = OperationCatalogue(
        [
            [.ping, .hostFacts, .commandExec, .commandShell], host, script, file, package, service, user, schedule,
            kernel, network, process, log, certificate, container, object,
        ].flatMap { $0 }
    )

    private let operations: [String: CatalogueOperation]

    init(_ operations: [CatalogueOperation]) {
        self.operations = Dictionary(operations.map { ($0.descriptor.type, $0) }, uniquingKeysWith: { $1 })
    }

    /// This catalogue with what agents have told of their plug-ins; those of a name that is there already are left out.
    public func adding(plugins: [OperationDescriptor]) -> OperationCatalogue {
        OperationCatalogue(plugins.compactMap(CatalogueOperation.init(plugin:)) + operations.values)
    }

    /// All operations by name.
    public var descriptors: [OperationDescriptor] {
        operations.values.map(\.descriptor).sorted { $0.type < $1.type }
    }

    /// The operation called `type`; nil if there is none.
    public subscript(type: String) -> OperationDescriptor? {
        operations[type]?.descriptor
    }

    /// What is wrong with a request.
    ///
    /// - Parameters:
    ///   - request: the operation's name and parameters.
    ///   - pointer: the JSON Pointer of the request in the document that the user sent.
    ///   - references: whether a ``Reference``, which each agent replaces, fits in the place of any value.
    /// - Returns: the faults, at the request's `/type` or below its `/data`; empty if it may be run.
    public func faults(
        in request: OperationRequest,
        at pointer: String = "",
        allowing references: Bool = true
    ) -> [Fault] {
        guard let operation = operations[request.type] else {
            return [Fault(pointer: "\(pointer)/type", detail: unknown(request.type))]
        }
        return operation.faults(in: request.data, at: "\(pointer)/data", allowing: references)
    }

    /// Says that there is no operation of this name, and which one was probably meant.
    package func unknown(_ type: String) -> String {
        let near = nearest(to: type, among: operations.keys.sorted()).map { "did you mean '\($0)'?" }
        return "there is no operation '\(type)'; \(near ?? "GET /api/v1/operations lists what there is")"
    }

    /// The parameters as an agent works with them: with what its host has in the place of references, checked, and with
    /// the defaults filled in.
    ///
    /// - Parameters:
    ///   - request: the operation's name and parameters, with its secrets open.
    ///   - values: the facts and labels of the host; asked for only where they are needed.
    /// - Returns: the parameters.
    /// - Throws: ``InvalidParameters``.
    public func prepared(
        _ request: OperationRequest,
        with values: () -> Reference.Values
    ) throws(InvalidParameters) -> JSONValue {
        guard let operation = operations[request.type] else { return request.data }
        let data: JSONValue
        do {
            data = try Reference.replace(in: request.data, operation.schema, with: values)
        } catch {
            throw InvalidParameters(faults: [Fault(pointer: error.pointer, detail: error.detail)])
        }
        let faults = operation.faults(in: data, at: "", allowing: false)
        guard faults.isEmpty else { throw InvalidParameters(faults: faults) }
        return operation.schema.fillingDefaults(in: data)
    }

    /// The request with each parameter changed that the operation's schema marks `secret`.
    ///
    /// - Parameters:
    ///   - request: the operation's name and parameters.
    ///   - transform: is given each secret and its JSON Pointer below the parameters.
    /// - Returns: the changed request; the same one for an operation that is not known.
    /// - Throws: what `transform` throws.
    public func mapSecrets<Failure: Error>(
        in request: OperationRequest,
        _ transform: (JSONValue, String) throws(Failure) -> JSONValue
    ) throws(Failure) -> OperationRequest {
        guard let operation = operations[request.type] else { return request }
        return OperationRequest(type: request.type, data: try operation.schema.mapSecrets(in: request.data, transform))
    }

    /// The request with each parameter changed that names a stored object.
    ///
    /// - Parameters:
    ///   - request: the operation's name and parameters.
    ///   - transform: is given each reference and its JSON Pointer below the parameters.
    /// - Returns: the changed request; the same one for an operation that is not known.
    /// - Throws: what `transform` throws.
    public func mapObjects<Failure: Error>(
        in request: OperationRequest,
        _ transform: (ObjectReference, String) throws(Failure) -> ObjectReference
    ) throws(Failure) -> OperationRequest {
        guard let operation = operations[request.type] else { return request }
        let data = try operation.schema.mapObjects(in: request.data) { (value, pointer) throws(Failure) in
            guard let reference = ObjectReference(value) else { return value }
            return try transform(reference, pointer).json
        }
        return OperationRequest(type: request.type, data: data)
    }

    /// The stored objects that a request names.
    public func objects(in request: OperationRequest) -> [ObjectReference] {
        var objects: [ObjectReference] = []
        _ = mapObjects(in: request) { reference, _ in
            objects.append(reference)
            return reference
        }
        return objects
    }

    /// How long a run of `request` may take on its host: `timeout` where the parameters have one, or the operation's
    /// default.
    public func runLimit(for request: OperationRequest) -> Duration {
        operations[request.type]?.runLimit(request.data) ?? Self.limitOfUnknownOperations
    }
}

/// An operation with the rules for its parameters.
struct CatalogueOperation: Sendable {
    private(set) var descriptor: OperationDescriptor
    /// How long a run with these parameters may take.
    let runLimit: @Sendable (JSONValue) -> Duration
    let schema: JSONSchema
    private let rules: @Sendable (JSONValue, String) -> [Fault]

    /// Makes an operation; its schema must be one that can be checked.
    ///
    /// - Parameters:
    ///   - descriptor: what is shown of it.
    ///   - runLimit: how long a run may take.
    ///   - rules: what a schema cannot say; asked only of parameters that fit the schema.
    init(
        _ descriptor: OperationDescriptor,
        runLimit: @escaping @Sendable (JSONValue) -> Duration,
        rules: @escaping @Sendable (JSONValue, String) -> [Fault] = { _, _ in [] }
    ) {
        self.descriptor = descriptor
        self.descriptor.limitMs = runLimit(.object([:])).wholeMilliseconds
        self.runLimit = runLimit
        self.rules = rules
        do {
            schema = try JSONSchema(descriptor.schema)
        } catch {
            preconditionFailure("the schema of \(descriptor.type) at \(error.pointer): \(error.detail)")
        }
    }

    /// Makes the operation of a plug-in; nil where its schema cannot be read.
    init?(plugin descriptor: OperationDescriptor) {
        guard let schema = try? JSONSchema(descriptor.schema) else { return nil }
        self.descriptor = descriptor
        self.schema = schema
        let limit = Duration.milliseconds(descriptor.limitMs)
        runLimit = { data in
            // In the place of a reference each host has a number of its own.
            if data["timeout"]?.string != nil { return .seconds(CommandParameters.maximumTimeoutSeconds) }
            return Self.limit(data, default: limit)
        }
        rules = { _, _ in [] }
    }

    /// How long a run may take: its `timeout`, where it has one.
    static func limit(_ data: JSONValue, default limit: Duration) -> Duration {
        guard let seconds = data["timeout"]?.number, seconds > 0 else { return limit }
        return .seconds(min(seconds, CommandParameters.maximumTimeoutSeconds))
    }

    /// What is wrong with `data`; empty if the operation can be run with it.
    ///
    /// Where there are references, only the schema is asked: the rules speak of values, and those are not known yet.
    func faults(in data: JSONValue, at pointer: String, allowing references: Bool = false) -> [Fault] {
        let faults = schema.faults(in: data, at: pointer, allowing: references)
        guard faults.isEmpty, !references || !Reference.hasAny(data, schema) else { return faults }
        return Array(rules(data, pointer).prefix(JSONSchema.maximumFaults))
    }
}

extension JSONValue {
    /// The schema of an operation that has no parameters.
    static let schemaWithoutParameters: JSONValue = [
        "$schema": .string(schemaDialect),
        "type": "object",
        "properties": [:],
        "additionalProperties": false,
    ]

    /// The draft of JSON Schema that the catalogue's schemas are written in.
    static let schemaDialect = "https://json-schema.org/draft/2020-12/schema"
}
