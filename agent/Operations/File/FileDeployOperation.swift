// SPDX-License-Identifier: Apache-2.0

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
        var content = try await Self.source(parameters, in: context).content()
        if parameters.template { content = try Self.filled(content, parameters, context) }
        var data: [String: JSONValue] = ["bytes": .int(Int64(content.count))]
        // A short secret could be guessed and compared.
        if !parameters.isSecret { data["sha256"] = .string(FileDigest.sha256(content)) }
        return try await target.plan(.bytes(content), isSecret: parameters.isSecret, data: data, in: context)
    }

    private static func source(_ parameters: Parameters, in context: OperationContext) async throws -> FileSource {
        if let object = parameters.object { return .object(try await context.fetch(object)) }
        if let base64 = parameters.contentBase64 { return try .base64(base64) }
        return .text(parameters.secretContent ?? parameters.content ?? "")
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
