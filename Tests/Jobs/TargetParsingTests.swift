// SPDX-License-Identifier: Apache-2.0

import Jobs
import Randomness
import Testing

struct TargetParsingTests {
    private static let faults: [(expression: String, code: TargetError.Code, position: Int?, words: String)] = [
        ("", .syntax, 0, "_all selects every agent"),
        ("  ", .syntax, 0, "empty"),
        ("web-1 web-2", .syntax, 6, "expected 'and', 'or' or the end, found 'web-2'"),
        ("web-1 and", .syntax, 9, "found the end"),
        ("and web-1", .syntax, 0, "found 'and'"),
        ("web-1 or or web-2", .syntax, 9, "found 'or'"),
        ("not", .syntax, 3, "found the end"),
        ("(web-1", .syntax, 6, "expected ')'"),
        ("web-1)", .syntax, 5, "found ')'"),
        ("()", .syntax, 1, "found ')'"),
        ("env=", .syntax, 4, "expected a value, found the end"),
        ("env= and x=1", .syntax, 5, "in quotes"),
        ("=prod", .syntax, 0, "found '='"),
        ("env==prod", .syntax, 3, "write '='"),
        ("!web-1", .syntax, 0, "write 'not'"),
        ("env=prod=x", .syntax, 8, "found '='"),
        ("e*=prod", .syntax, 0, "must not be a pattern"),
        ("label:=x", .syntax, 0, "the key is empty"),
        ("''=x", .syntax, 0, "the key is empty"),
        ("env='prod", .syntax, 4, "not closed"),
        ("env=[a", .syntax, 4, "has no ']'"),
        ("web-[9-1]", .syntax, 5, "backwards"),
        ("cpus>=many", .syntax, 6, "expected a number after '>='"),
        ("cpus<", .syntax, 5, "expected a number after '<'"),
        ("cpus>0x10", .syntax, 5, "expected a number"),
        ("cpus>inf", .syntax, 5, "expected a number"),
        ("cpus>4XB", .syntax, 5, "expected a number"),
        ("env in prod", .syntax, 7, "expected '('"),
        ("env in ()", .syntax, 8, "expected a value"),
        ("env in (a b)", .syntax, 10, "expected ',' or ')'"),
        ("env in (a,", .syntax, 10, "expected a value"),
        ("env not prod", .syntax, 4, "found 'not'"),
        ("_some", .syntax, 0, "there are _all and _any"),
        ("sample()", .syntax, 7, "how many"),
        ("sample(0)", .syntax, 7, "how many"),
        ("sample(-1)", .syntax, 7, "how many"),
        ("sample(0%)", .syntax, 7, "how many"),
        ("sample(101%)", .syntax, 7, "how many"),
        ("sample(1.5)", .syntax, 7, "how many"),
        ("sample(%)", .syntax, 7, "how many"),
        ("sample(3, x)", .syntax, 10, "a seed"),
        ("sample(3, seed=-1)", .syntax, 15, "a seed"),
        ("sample(3, 1, 2)", .syntax, 11, "expected ')'"),
        ("sample(3", .syntax, 8, "expected ',' or ')'"),
        ("web-1,", .syntax, 6, "found the end"),
        ("web-1,,web-2", .syntax, 6, "found ','"),
        ("é and )", .syntax, 6, "found ')'"),
        ("web-1,web-2 and env=prod", .misplaced, 5, "a comma joins only host names"),
        ("not web-1,web-2", .misplaced, 9, "a comma joins only host names"),
        ("env=prod,staging", .misplaced, 8, "in (…)"),
        ("_all,web-1", .misplaced, 4, "a comma"),
        ("env=prod or sample(3)", .misplaced, 12, "sample chooses from the whole selection"),
        ("not _any", .misplaced, 4, "_any chooses from the whole selection"),
        ("web-1 or _any", .misplaced, 9, "_any"),
        ("env=prod and (web-* and sample(3))", .misplaced, 24, "outside of parentheses"),
        ("env=prod and not (sample(3))", .misplaced, 18, "sample"),
        ("sample(3) and _any", .misplaced, 14, "only one"),
        ("sample(3) and sample(2)", .misplaced, 14, "only one"),
    ]

    @Test(arguments: faults)
    func `a faulty expression is refused with its place and what was expected`(
        expression: String,
        code: TargetError.Code,
        position: Int?,
        words: String
    ) {
        let error = #expect(throws: TargetError.self) { try TargetExpression(parsing: expression) }

        #expect(error?.code == code)
        #expect(error?.position == position)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func `an error tells its place as people count`() {
        #expect(TargetError(.syntax, "expected x", position: 4).description == "expected x (at character 5)")
        #expect(TargetError(.nothingSelected, "nobody").description == "nobody")
    }

    @Test func `the length is limited`() throws {
        let longest = String(repeating: "a", count: TargetExpression.maximumLength)

        #expect(throws: Never.self) { try TargetExpression(parsing: longest) }
        let error = #expect(throws: TargetError.self) { try TargetExpression(parsing: longest + "a") }
        #expect(error?.code == .tooLong)
        // One visible character can be made of any number of code points.
        let piled = "a" + String(repeating: "\u{301}", count: TargetExpression.maximumLength)
        #expect(throws: TargetError.self) { try TargetExpression(parsing: piled) }
    }

    @Test func `nesting is limited, for parentheses and for not`() throws {
        func parentheses(_ depth: Int) -> String {
            String(repeating: "(", count: depth) + "a" + String(repeating: ")", count: depth)
        }
        func negations(_ depth: Int) -> String { String(repeating: "not ", count: depth) + "a" }

        for make in [parentheses, negations] {
            #expect(throws: Never.self) { try TargetExpression(parsing: make(64)) }
            let error = #expect(throws: TargetError.self) { try TargetExpression(parsing: make(65)) }
            #expect(error?.code == .tooDeep)
        }
        let deepest = String(repeating: "(", count: TargetExpression.maximumLength)
        #expect(throws: TargetError.self) { try TargetExpression(parsing: deepest) }
    }

    @Test func `long chains of and and or do not count as nesting`() throws {
        let chain = Array(repeating: "a=1", count: 400)

        #expect(throws: Never.self) { try TargetExpression(parsing: chain.joined(separator: " and ")) }
        #expect(throws: Never.self) { try TargetExpression(parsing: chain.joined(separator: " or ")) }
        // Parentheses beside each other are no deeper than one.
        let beside = Array(repeating: "(a)", count: 400).joined(separator: " or ")
        #expect(throws: Never.self) { try TargetExpression(parsing: beside) }
        let negated = Array(repeating: "not a", count: 400).joined(separator: " and ")
        #expect(throws: Never.self) { try TargetExpression(parsing: negated) }
    }

    @Test func `random text is read or refused, and never brings the parser down`() {
        var random = SeededGenerator(seed: 5)
        let pieces = [
            "and", "or", "not", "in", "(", ")", ",", "=", "!=", "<", ">=", "web-*", "env", "'", "\"q\"", "sample(",
            "3", "%", "_all", "_any", "[", "]", "!", "\\", "é", "label:", "fact:a.b", " ", "4GiB", "seed",
        ]
        var read = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 1...12, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined(separator: " ")
            guard let target = try? TargetExpression(parsing: text) else { continue }
            read += 1
            _ = try? target.select(from: TargetFleet.small, seed: 1)
        }

        #expect(read > 100)
    }
}
