// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Wire

/// Inputs that are well-formed, for a fuzzer to begin with.
enum Seeds {
    /// Writes the seeds of each subject into a directory of its own, and the words of its language beside it.
    static func write(to directory: URL) throws {
        for subject in Subject.allCases {
            let own = directory.appending(path: subject.rawValue)
            try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
            for (number, bytes) in of(subject).enumerated() {
                try Data(bytes).write(to: own.appending(path: "seed-\(number)"))
            }
            let dictionary = words(of: subject).map { word in
                // As libFuzzer reads it: any byte may be written by its number.
                let bytes = word.utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                return "\"\(bytes.joined())\"\n"
            }
            try Data(dictionary.joined().utf8).write(to: directory.appending(path: "\(subject.rawValue).dict"))
        }
    }

    private static func of(_ subject: Subject) -> [[UInt8]] {
        switch subject {
        case .agentMessage: fromAgents.map(\.bytes)
        case .controllerMessage: fromController.map(\.bytes)
        case .envelope: [Array(envelope)]
        case .jobKeys: keys.map { Array($0.utf8) }
        case .json: json.map { Array($0.utf8) }
        case .objectMessage: objectQuestions.map(\.bytes) + objectAnswers.map(\.bytes)
        case .outputMessage: outputPieces.map(\.bytes) + outputAnswers.map(\.bytes)
        case .plugin: plugins.map { Array($0.utf8) }
        case .schema: schemas.map { Array($0.utf8) }
        case .target: targets.map { Array($0.utf8) }
        case .text: texts.map { Array($0.utf8) }
        }
    }

    /// What a fuzzer would not come upon soon by changing bytes.
    private static func words(of subject: Subject) -> [String] {
        switch subject {
        case .jobKeys: ["version ", "key ", "signature ", "\n#", "\n\n", " 21fe31dfa154a261 "]
        case .agentMessage, .controllerMessage, .envelope, .json:
            ["true", "false", "null", #"\u00e9"#, #"\ud83d\ude00"#, "e+308", "-0", "[[", #"{"a":"#, #""""#, "\u{301}"]
        case .objectMessage, .outputMessage: ["a/b", "0.1", "\u{0}", "\u{7f}", "object_refused", "output_gone"]
        case .plugin: schemaWords + pluginWords
        case .schema: schemaWords
        case .target:
            [
                " and ", " or ", "not ", " in (", " not in (", "_all", "_any", "sample(", "seed=", "web-1", "db-1",
                "env",
                "group=", "cpus", "!=", ">=", "<=", "label:", "fact:", "'", "\"", "\\", "%", "*", "[!a-c]", "KiB",
                "1e9",
                ",", "((", "))",
            ]
        case .text: ["T", "Z", "+00:00", "-23:59", "ms", "h", "w", ".999999999", "0000-", "9999-", "60"]
        }
    }

    private static let schemaWords = [
        "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength",
        "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum", "const", "object",
        "array", "string", "integer", "number", "boolean", "null",
    ].map { "\"\($0)\":" }

    private static let pluginWords =
        [
            "kind", "summary", "schema", "result", "dry_run", "limit_ms", "examples", "title", "data", "secret",
            "references", "default", "format", "timeout",
        ].map { "\"\($0)\":" } + [#""modify""#, #""read""#, #""acme.x""#, "@fact.cpus", "{{label.env}}", "86400000"]

    // MARK: Messages

    private static let id = JobID(high: 0x0198_C5A0_7D1E_7B3A, low: 0x9C55_0F6F_3D1F_2A41)

    private static let outcomes = [
        RunOutcome(state: .completed, changed: true, data: ["exit_code": 0, "stdout": "näh", "list": [1, 2.5, nil]]),
        RunOutcome(state: .failed, changed: false, error: RunError(code: "non_zero_exit", message: "exit code 3")),
        RunOutcome(state: .expired), RunOutcome(state: .skipped), RunOutcome(state: .cancelled),
        RunOutcome(state: .timedOut),
    ]

    private static let fromAgents: [AgentMessage] =
        [
            .hello(
                Introduction(
                    instance: "i-1",
                    hostname: "web-1.example",
                    labels: ["env": "prod", "group": "web.shop"],
                    facts: ["cpus": 8, "load": 0.5, "os": ["id": "debian"], "addresses": ["10.0.0.1"]],
                    version: "0.1.0",
                    ledgerID: "l-1"
                )
            ),
            .poll(Poll(instance: "i-1", storeID: "", held: 0, active: [], sequence: 1)),
            .poll(
                Poll(
                    instance: "i-1",
                    storeID: "s-1",
                    held: 1,
                    active: [],
                    sequence: 2,
                    reports: [RunReport(sequence: 4, jobID: id, attempt: 1, event: .started)]
                )
            ),
            .poll(
                Poll(
                    instance: "i-1",
                    storeID: "s-1",
                    held: 7,
                    active: [Poll.ActiveRun(jobID: id, attempt: 2)],
                    sequence: 3,
                    refusedOrders: [
                        RefusedOrder(
                            jobID: id,
                            delivery: 6,
                            error: RunError(code: "refused_signature", message: "no key")
                        )
                    ]
                )
            ),
            .credentials(certificateRequest: [0x30, 0x82, 1, 2, 3]),
            .reports([RunReport(sequence: 1, jobID: id, attempt: 1, event: .started)]),
            .reports(
                outcomes.enumerated().map { number, outcome in
                    RunReport(sequence: Int64(number), jobID: id, attempt: 1, event: .ended(outcome))
                }
            ),
        ] + objectQuestions + outputPieces

    private static let envelope = Envelope(
        of: Assignment(
            jobID: id,
            attempt: 1,
            delivery: 8,
            operation: OperationRequest(type: "command.exec", data: ["argv": ["uptime"], "timeout": 2.5]),
            startWithin: .seconds(60),
            submittedBy: "ann",
            notBefore: Timestamp(milliseconds: 1_795_262_400_000),
            deadline: Timestamp(milliseconds: 1_795_266_000_000)
        ),
        targetSize: 3,
        targetRoot: Array(repeating: 5, count: 32)
    ).bytes

    private static let keys = [
        """
        version 1
        key 21fe31dfa154a261 11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
        signature 21fe31dfa154a261 \
        AmtsyDXw1A4nt6wre9JKc1W2teKnOSELbAMFh2GNspZPYEGYt1QMaY9WPMHhfDaJlWEPwi9rELy52N0HH26EAw==

        """
    ]

    private static let fromController: [ControllerMessage] =
        [
            .welcome(Welcome(storeID: "s-1", heartbeat: .seconds(30), jobKeys: ["keys"], takesReportsInPolls: true)),
            .introduce,
            .work(Work(storeID: "s-1", [], parked: .zero, heartbeat: .seconds(30), confirmed: [1, 2])),
            .work(
                Work(
                    storeID: "s-1",
                    [
                        SealedDelivery(
                            number: 8,
                            jobID: id,
                            kind: .run(startWithin: .seconds(60), .init(index: 1, path: Data(repeating: 7, count: 64))),
                            content: envelope,
                            keyID: "0011223344556677",
                            signature: Data(repeating: 9, count: 64)
                        )
                    ],
                    parked: .milliseconds(1500)
                )
            ),
            .receipt([1, 2, 3]),
            .credentials(AgentCredentials(certificateChain: "chain", authorities: "authorities")),
            .refusal(code: "hostname_taken", message: "no", retryAfter: .milliseconds(1500)),
        ] + objectAnswers + outputAnswers

    // MARK: Objects and outputs

    private static let sha256 = String(repeating: "0f", count: 32)

    private static let objectQuestions: [AgentMessage] = [
        .object(ObjectQuestion(sha256: sha256, offset: 7, length: 1000)),
        .object(ObjectQuestion(sha256: sha256, offset: 9, length: 0)),
        .upload(ObjectUpload(jobID: id, offset: 1, bytes: [1, 2, 3], totalBytes: 9)),
        .upload(ObjectUpload(jobID: id, offset: 4, bytes: [5], totalBytes: 5, sha256: sha256)),
    ]

    private static let objectAnswers: [ControllerMessage] = [
        .piece(ObjectPiece(sha256: sha256, totalBytes: 9, offset: 7, bytes: [1, 2])),
        .uploaded(UploadReceipt(held: 4)),
        .uploaded(UploadReceipt(held: 9, object: ObjectReference(name: "a/b", sha256: sha256, size: 9))),
        .refusal(code: "object_refused", message: "no open run needs it", retryAfter: .seconds(60)),
    ]

    private static let outputPieces: [AgentMessage] = [
        .output(OutputPiece(requestID: 7, offset: 4096, bytes: [0, 255], keptBytes: 8192, isLast: false)),
        .output(OutputPiece(requestID: 8, stream: .stderr, offset: 9, bytes: [], keptBytes: 9, isLast: true)),
        .output(OutputPiece(refusing: 9, RunError(code: "output_gone", message: "not kept"))),
    ]

    private static let outputAnswers: [ControllerMessage] = [
        .work(
            Work(
                storeID: "s-1",
                [],
                parked: .zero,
                outputs: [
                    OutputRequest(id: 7, jobID: id, attempt: 2, stream: .stderr, offset: 4096, length: 9),
                    OutputRequest(id: 8, following: id, attempt: 1, stdout: 7, stderr: 5),
                ]
            )
        ),
        .outputReceipt(goesOn: true),
        .outputReceipt(goesOn: false),
    ]

    // MARK: Texts

    private static let json = [
        #"{"operation":{"type":"command.exec","data":{"argv":["uptime"]}},"target":"env=prod","deadline":60}"#,
        #"[true, false, null, 0, -0, -1.5e-3, 1E+10, 9223372036854775807, 9223372036854775808]"#,
        #"{"\u00e9":"\ud83d\ude00\\\/\b\f\n\r\t","e\u0301":"é","":[[[]],{}]}"#,
    ]

    private static let schemas = [
        #"[{"type":"object","properties":{"n":{"type":"integer","minimum":1}},"required":["n"]},{"n":0}]"#,
        #"[{"type":["array","null"],"items":{"enum":["a",1]},"minItems":1,"maxItems":3},["a","b"]]"#,
        #"[{"additionalProperties":{"type":"string","minLength":1,"maxLength":9,"const":"x"}},{"a":"","b":1}]"#,
        #"[{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1.5,"maximum":7},-2]"#,
        #"[{"type":"boolean","title":"t","default":1},true]"#,
    ]

    /// Each a description and parameters.
    private static let plugins = [
        """
        [{"type":"acme.x","kind":"modify","summary":"s","schema":{"type":"object","properties":{"n":{"type":"integer",\
        "default":7},"timeout":{"type":"number","default":9},"k":{"type":"string","secret":true}},"required":["k"]},\
        "result":{"type":"object"},"dry_run":true,"limit_ms":2000,"examples":[{"title":"t","data":{"n":1}}]},\
        {"n":1,"k":"x","timeout":2.5}]
        """,
        """
        [{"type":"a_1.b.c","kind":"read","summary":"é","schema":{"type":"object","additionalProperties":false}},\
        {"x":"@fact.cpus"}]
        """,
    ]

    private static let targets = [
        "_all", "_any", "web-1,web-2", "web-* and not web-3",
        "env=prod and (group=web or group='db') and sample(10%)",
        "sample(2, seed=7) and cpus>=4", "not (os.id!=debian)", "web-[!a-c] or db-?",
        #"note="a*b" and addresses=10.0.0.1"#, "memory.total>8G",

        "disks.size<1000 or label:rack in (7, 8)", "os.id not in (debian, 'a b')", "fact:cpus>=2.5K",
    ]

    private static let texts = [
        "2026-07-14T08:30:00Z", "2026-07-14T10:30:00.123456+02:00", "1h30m", "1.5s", "250ms", "7d",
        "0198c5a0-7d1e-7b3a-9c55-0f6f3d1f2a41",
    ]
}
