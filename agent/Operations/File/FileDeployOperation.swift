// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs

/// `file.deploy`: a file with a content, an owner and a mode.
struct FileDeployOperation: ModifyOperation {
    let type = "file.deploy"

    struct Parameters: FileWritingParameters, Decodable, Sendable {
        let path: String
        let content: String?
        let contentBase64: String?
        let secretContent: String?
        let object: ObjectReference?
        let template: Bool
        let variables: [String: String]?
        let secretVariables: [String: String]?
        let owner: FileOwner?
        let group: FileOwner?
        let mode: String?
        let backup: Bool
        let validate: [String]?
        let follow: Bool

        var isSecret: Bool { secretContent != nil || secretVariables != nil }
    }

    func plan(_ parameters: Parameters, in context: OperationContext) async throws -> Plan {
        let target = try FileTarget(parameters)
        let content = try await Self.content(parameters, in: context)
        var data: [String: JSONValue] = ["bytes": .int(content.size)]
        // A short secret could be guessed and compared.
        if !parameters.isSecret { data["sha256"] = .string(content.sha256) }
        if case .object(let object) = content, object.file == nil { data["object_on_host"] = false }
        return try await target.plan(content, isSecret: parameters.isSecret, data: data, in: context)
    }

    private static func content(_ parameters: Parameters, in context: OperationContext) async throws -> FileContent {
        if let reference = parameters.object {
            let object = try StoredContent(reference, try await context.available(reference))
            return parameters.template ? try .bytes(filled(object.bytes(), parameters, context)) : .object(object)
        }
        let bytes = try bytes(parameters)
        return .bytes(parameters.template ? try filled(bytes, parameters, context) : bytes)
    }

    /// The content that the job brings along.
    private static func bytes(_ parameters: Parameters) throws(OperationError) -> [UInt8] {
        guard let base64 = parameters.contentBase64 else {
            return Array((parameters.secretContent ?? parameters.content ?? "").utf8)
        }
        guard let data = Data(base64Encoded: base64) else {
            throw OperationError("invalid_parameters", "/content_base64: must be base64")
        }
        return Array(data)
    }

    private static func filled(
        _ content: [UInt8],
        _ parameters: Parameters,
        _ context: OperationContext
    ) throws(OperationError) -> [UInt8] {
        let variables = (parameters.variables ?? [:]).merging(parameters.secretVariables ?? [:]) { $1 }
        let values = Reference.Values(facts: context.facts(), labels: context.labels)
        return try FileTemplate(values: values, variables: variables).rendered(content)
    }
}
