// SPDX-License-Identifier: Apache-2.0

import Jobs

/// `container.exec`: a program in a container.
struct ContainerExec: Operation {
    let type = "container.exec"
    let canDryRun = false

    func run(_ data: JSONValue, in context: OperationContext) async throws -> RunOutcome {
        var isUnchanged = true
        do throws(OperationError) {
            let engine = try ContainerEngine(data["socket"]?.string, in: context)
            let name = data["container"]?.string ?? ""
            guard let container = try await HostContainer(name, of: engine) else { throw .noContainer(name) }
            guard container.isRunning else {
                throw OperationError(
                    "not_running",
                    "container '\(container.name)' does not run; it is \(container.state)"
                )
            }
            let path = ["containers", container.id, "exec"]
            let made = try await engine.ask("POST", path, body: Self.request(data))
            let id = made.json["Id"]?.string ?? ""
            let frames = OutputFrames(limit: Int(data["output_limit"]?.int ?? 65_536))
            let start = ContinuousClock.now
            isUnchanged = false
            try await engine.stream(["exec", id, "start"], body: ["Detach": false, "Tty": false]) { frames.take($0) }
            let duration = ContinuousClock.now - start
            let end = try await engine.ask("GET", ["exec", id, "json"]).json
            return Self.outcome(end["ExitCode"]?.int, frames, duration)
        } catch {
            return error.outcome(isUnchanged: isUnchanged)
        }
    }

    private static func request(_ data: JSONValue) -> JSONValue {
        let variables = (data["env"]?.object ?? [:]).sorted { $0.key < $1.key }
        var members: [String: JSONValue] = [
            "AttachStdout": true, "AttachStderr": true, "Tty": false, "Cmd": data["argv"] ?? [],
            "Env": .array(variables.map { .string("\($0.key)=\($0.value.string ?? "")") }),
        ]
        members["User"] = data["user"]
        members["WorkingDir"] = data["cwd"]
        return .object(members)
    }

    private static func outcome(_ code: Int64?, _ frames: OutputFrames, _ duration: Duration) -> RunOutcome {
        let (output, errors) = frames.outputs
        var told: [String: JSONValue] = [
            "exit_code": code.map(JSONValue.int) ?? .null, "signal": .null,
            "duration_ms": .int(duration.wholeMilliseconds),
        ]
        told.merge(output.members(named: "stdout")) { $1 }
        told.merge(errors.members(named: "stderr")) { $1 }
        guard code != 0 else { return RunOutcome(state: .completed, changed: true, data: .object(told)) }
        let last = errors.lastLine.map { ": \($0)" } ?? ""
        let message =
            code.map { "the program ended with exit code \($0)\(last)" } ?? "how the program ended is not known"
        return OperationError("non_zero_exit", message, data: .object(told)).outcome(isUnchanged: false)
    }
}
