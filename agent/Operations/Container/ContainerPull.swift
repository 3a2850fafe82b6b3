// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `container.pull`: an image for containers.
///
/// Whether a registry has a newer image is not known before it is asked for: so this is no plan, and a dry run of such a
/// question is skipped.
struct ContainerPull: Operation {
    let type = "container.pull"
    let canDryRun = true

    private struct Parameters {
        let image: ContainerImage
        let isAlways: Bool
        let login: ContainerImage.Login?

        init(_ data: JSONValue) {
            image = ContainerImage(name: data["image"]?.string ?? "")
            isAlways = data["always"]?.bool ?? false
            login = data["username"]?.string.map {
                ContainerImage.Login(username: $0, password: data["password"]?.string ?? "")
            }
        }
    }

    func run(_ data: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        let parameters = Parameters(data)
        var isUnchanged = true
        do throws(OperationError) {
            let engine = try ContainerEngine(data["socket"]?.string, in: context)
            let before = try await parameters.image.id(of: engine)
            if let before, !parameters.isAlways { return Self.outcome(parameters, before, before) }
            if context.isDryRun {
                guard before == nil else {
                    throw .noDryRun(
                        "whether the registry has a newer '\(parameters.image.name)' is known when it is pulled"
                    )
                }
                return Self.outcome(parameters, nil, nil, isChange: true)
            }
            isUnchanged = false
            try await parameters.image.pull(by: engine, as: parameters.login)
            return Self.outcome(parameters, before, try await parameters.image.id(of: engine))
        } catch {
            return error.outcome(isUnchanged: isUnchanged)
        }
    }

    private static func outcome(
        _ parameters: Parameters,
        _ before: String?,
        _ after: String?,
        isChange: Bool? = nil
    ) -> RunOutcome {
        let isChange = isChange ?? (before != after)
        var told: [String: JSONValue] = [
            "image": .string(parameters.image.name), "image_id": after.map(JSONValue.string) ?? .null,
        ]
        if isChange {
            told["changes"] = [
                [
                    "subject": .string("image \(parameters.image.name)"),
                    "before": before.map(JSONValue.string) ?? .null, "after": after.map(JSONValue.string) ?? "present",
                ]
            ]
        }
        return RunOutcome(state: .completed, changed: isChange, data: .object(told))
    }
}
