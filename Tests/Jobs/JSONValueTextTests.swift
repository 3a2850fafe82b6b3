// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing

@testable import Jobs

struct JSONValueTextTests {
    private static let values: [JSONValue] = [
        .null, true, false, 0, -1, .int(.max), .int(.min), .double(0.1), .double(-2.5), .double(3), .double(1e300),
        .double(.leastNonzeroMagnitude), .double(1e15), .double(123_456_789_012_345_680), "", "plain",
        "näh \u{1F980} \u{2028}", .string("\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}"), [], [1, [2, []], "x"], [:],
        ["b": 1, "a": ["z": nil, "é": "ü", "Z": [true]], "aa": "", "": 0],
    ]

    @Test(arguments: values) func `a value is written as the general encoder writes it`(value: JSONValue) throws {
        let text = try value.text()

        #expect(try String(decoding: text, as: UTF8.self) == String(decoding: JSON.encode(value), as: UTF8.self))
    }

    @Test func `random values are read as they were written`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<3000 {
            let value = Self.random(depth: 0, using: &random)
            #expect(try JSONText.parse(try value.text()) == value)
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that is not finite is refused`(number: Double) {
        #expect(throws: JSON.Failure.self) { try JSONValue.array([.double(number)]).text() }
    }

    private static func random(depth: Int, using random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 7), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: .min ... .max, using: &random))
        case 3: return .double(.random(in: -1e9...1e9, using: &random) + 0.5)
        case 4: return .string(text(using: &random))
        case 5:
            return .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in Self.random(depth: depth + 1, using: &random) }
            )
        default:
            let members = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                (text(using: &random), Self.random(depth: depth + 1, using: &random))
            }
            return .object(Dictionary(members, uniquingKeysWith: { $1 }))
        }
    }

    private static func text(using random: inout SeededGenerator) -> String {
        let scalars = (0..<Int.random(in: 0...8, using: &random)).compactMap { _ in
            Unicode.Scalar(UInt32.random(in: 0...0x2FFF, using: &random))
        }
        return scalars.reduce(into: "") { $0.unicodeScalars.append($1) }
    }
}
