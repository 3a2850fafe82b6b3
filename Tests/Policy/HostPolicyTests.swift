// SPDX-License-Identifier: Apache-2.0

import Jobs
import Policy
import Testing

struct HostPolicyTests {
    /// A policy, a run, and the line that decides; nil where nothing does and it is allowed.
    struct Case: CustomTestStringConvertible {
        let policy: String
        var operation = "command.exec"
        var submitter: String? = "ann"
        var user = "root"
        let isAllowed: Bool
        var line: String?

        var testDescription: String {
            "\(policy.split(separator: "\n")): \(operation) as \(user) for \(submitter ?? "-")"
        }
    }

    private static let cases: [Case] = [
        Case(policy: "", isAllowed: true),
        Case(policy: "# nothing\n\n   \n", isAllowed: true),
        // Operations.
        Case(policy: "deny operation=command.exec", isAllowed: false, line: "line 1: deny operation=command.exec"),
        Case(policy: "deny operation=command.shell", isAllowed: true),
        Case(policy: "deny operation=command.*", isAllowed: false, line: "line 1"),
        Case(policy: "deny operation=ping,command.e?ec", isAllowed: false, line: "line 1"),
        Case(policy: "deny operation=command", isAllowed: true),
        Case(policy: "deny operation=Command.exec", isAllowed: true),
        Case(policy: "deny", isAllowed: false, line: "line 1: deny"),
        Case(policy: "deny", operation: "ping", isAllowed: false, line: "line 1"),
        // What is not allowed where something is.
        Case(policy: "allow operation=ping", isAllowed: false, line: "no line allows command.exec as root for 'ann'"),
        Case(policy: "allow operation=ping", operation: "ping", isAllowed: true, line: "line 1"),
        Case(policy: "allow", isAllowed: true, line: "line 1: allow"),
        Case(policy: "allow operation=ping\nallow operation=command.*", isAllowed: true, line: "line 2"),
        // Deny beats allow, in either order.
        Case(policy: "allow\ndeny operation=command.*", isAllowed: false, line: "line 2"),
        Case(policy: "deny operation=command.*\nallow operation=command.exec", isAllowed: false, line: "line 1"),
        Case(policy: "deny submitter=bob\nallow submitter=ann", isAllowed: true, line: "line 2"),
        // Submitters.
        Case(policy: "allow submitter=ann,deploy-*", isAllowed: true, line: "line 1"),
        Case(policy: "allow submitter=ann,deploy-*", submitter: "deploy-7", isAllowed: true, line: "line 1"),
        Case(policy: "allow submitter=ann,deploy-*", submitter: "bob", isAllowed: false, line: "no line"),
        Case(policy: "allow submitter=*", submitter: nil, isAllowed: false, line: "an unknown submitter"),
        Case(policy: "deny submitter=*", submitter: nil, isAllowed: true),
        Case(policy: "deny submitter=ann", isAllowed: false, line: "line 1"),
        // Users.
        Case(policy: "deny user=root", isAllowed: false, line: "line 1"),
        Case(policy: "deny user=root", user: "broker", isAllowed: true),
        Case(policy: "allow operation=command.* user=broker", isAllowed: false, line: "no line"),
        // All conditions of a line hold together.
        Case(policy: "deny operation=command.exec submitter=bob", isAllowed: true),
        Case(policy: "deny operation=command.exec submitter=ann user=root", isAllowed: false, line: "line 1"),
        // Read-only.
        Case(policy: "mode read-only", isAllowed: false, line: "line 1: mode read-only"),
        Case(policy: "mode read-only", operation: "host.facts", isAllowed: true),
        Case(policy: "allow\nmode read-only", isAllowed: false, line: "line 2"),
        Case(policy: "mode read-only", operation: "not.known", isAllowed: false, line: "line 1"),
        Case(policy: "mode read-only\ndeny operation=ping", operation: "ping", isAllowed: false, line: "line 2"),
        // Comments and spaces.
        Case(
            policy: "  deny\toperation=command.exec   # why not",
            isAllowed: false,
            line: "line 1: deny operation=command.exec"
        ),
        Case(policy: "#deny\r\n# x\r\ndeny operation=command.exec\r\n", isAllowed: false, line: "line 3"),
        Case(policy: "deny operation=a#b", isAllowed: true),
    ]

    @Test(arguments: cases) func `a policy decides, and says which line did`(_ test: Case) throws {
        let policy = try HostPolicy(parsing: test.policy)

        let decision = policy.decide(
            PolicyRequest(operation: test.operation, user: test.user, submitter: test.submitter)
        )

        switch decision {
        case .allowed(let line):
            #expect(test.isAllowed)
            #expect(test.line.map { line?.contains($0) == true } ?? (line == nil), "\(decision)")
        case .refused(let reason):
            #expect(!test.isAllowed)
            #expect(reason.contains(test.line ?? "?"), "\(decision)")
        }
        #expect((decision.refusal == nil) == test.isAllowed)
    }

    @Test(arguments: [
        ("allow operation", 1), ("\nallow operation=", 2), ("allow operation=a,,b", 1), ("allow host=web-1", 1),
        ("allow operation=a operation=b", 1), ("mode", 1), ("mode normal", 1), ("mode read-only now", 1),
        ("mode read-only\n\nmode read-only", 3), ("Allow", 1), ("allow user=[a", 1), ("permit all", 1),
        ("allow operation = ping", 1), ("allow\n<<<<<<< HEAD", 2),
    ])
    func `a policy with a line that cannot be understood is none`(_ text: String, _ line: Int) {
        let error = #expect(throws: PolicyError.self) { try HostPolicy(parsing: text) }

        #expect(error?.description.hasPrefix("line \(line): ") == true, "\(error?.description ?? "")")
    }

    @Test func `a policy has a largest size`() {
        let text = String(repeating: "#\n", count: HostPolicy.maximumBytes / 2)

        #expect(throws: Never.self) { try HostPolicy(parsing: text) }
        #expect(throws: PolicyError.self) { try HostPolicy(parsing: text + "#") }
    }

    /// Deny beats allow: a line that denies never makes more possible, whatever the policy; so a policy can be tightened by
    /// adding to it.
    @Test func `a denial that is added to any policy allows nothing that was not allowed`() throws {
        let lines = [
            "allow", "allow operation=ping", "allow operation=command.* submitter=ann", "allow user=broker",
            "deny operation=command.shell", "deny submitter=b*", "mode read-only",
        ]
        let denials = ["deny", "deny operation=command.*", "deny submitter=ann", "deny user=root", "mode read-only"]
        for choice in 0..<(1 << lines.count) {
            let chosen = lines.indices.filter { choice >> $0 & 1 == 1 }.map { lines[$0] }
            let before = try HostPolicy(parsing: chosen.joined(separator: "\n"))
            for denial in denials where !chosen.contains(denial) {
                let after = try HostPolicy(parsing: (chosen + [denial]).joined(separator: "\n"))
                for request in Self.requests where before.decide(request).refusal != nil {
                    #expect(after.decide(request).refusal != nil, "\(chosen) and \(denial): \(request)")
                }
            }
        }
    }

    private static let requests = ["ping", "command.exec", "command.shell"].flatMap { operation in
        ["ann", "bob", nil].flatMap { submitter in
            ["root", "broker"].map { PolicyRequest(operation: operation, user: $0, submitter: submitter) }
        }
    }
}
