// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct AgentNamesTests {
    @Test(arguments: ["web-1", "1", "Web_9.example.com", "android", "a.b-c_d", String(repeating: "a", count: 63)])
    func `a hostname that a target can name is one`(name: String) throws {
        #expect(AgentNames.fault(inHostname: name) == nil)
        _ = try TargetExpression(parsing: name)
    }

    @Test(arguments: [
        "", "_all", "_any", "-web", ".web", "and", "OR", "not", "in", "web 1", "web*", "wéb", "web..1", "web.", "a\nb",
        String(repeating: "a", count: 64), String(repeating: "a.", count: 126) + "aa",
    ])
    func `a hostname that would confuse targets is none`(name: String) {
        #expect(AgentNames.fault(inHostname: name) != nil)
    }

    @Test(arguments: [
        "env", "a", "7", "app.kubernetes.io/name", "a-b_c.d", "android", String(repeating: "n", count: 63),
    ])
    func `a label that a target can name is one, whatever its value`(name: String) throws {
        for value in ["", "prod", "and", "a*b = (c)", "it's", "Größe", String(repeating: "v", count: 1024)] {
            #expect(AgentNames.fault(inLabel: name, value: value) == nil)
        }
        _ = try TargetExpression(parsing: "\(name)=x and label:\(name) in (y)")
    }

    @Test(arguments: [
        "", "_all", "_any", "and", "Or", "NOT", "in", "a b", "a=b", "a,b", "a(b", "a\"b", "a*", "a:b", "label:a", "-a",
        ".a",
        "ü", "a\u{0}", String(repeating: "n", count: 64), String(repeating: "é", count: 5000),
    ])
    func `a label that would confuse targets is none, and the reason is one short line`(name: String) throws {
        let fault = try #require(AgentNames.fault(inLabel: name, value: "x"))

        #expect(fault.utf8.count < 300 && !fault.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test(arguments: ["a\nb", "\u{0}", "\u{1b}[31m", String(repeating: "v", count: 1025)])
    func `a value that is too long or would break a line is none`(value: String) {
        #expect(AgentNames.fault(inLabel: "env", value: value) != nil)
    }

    @Test func `of several labels each that is none is named`() {
        let faults = AgentNames.faults(inLabels: ["env": "prod", "and": "x", "a/b~c d": "y"], at: "/labels")

        #expect(faults.map(\.pointer) == ["/labels/a~1b~0c d", "/labels/and"])
        let many = Dictionary(uniqueKeysWithValues: (0...256).map { ("l\($0)", "") })
        #expect(AgentNames.faults(inLabels: many, at: "/labels").map(\.pointer) == ["/labels"])
    }
}
