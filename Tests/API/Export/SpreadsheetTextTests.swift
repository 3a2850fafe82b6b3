// SPDX-License-Identifier: Apache-2.0

import Randomness
import Testing

@testable import API

/// Cells of anybody's making, as spreadsheets read them.
struct SpreadsheetTextTests {
    @Test(
        arguments: [
            ("", ""), ("web-1", "web-1"), ("a.b:c_d", "a.b:c_d"), ("a b", #""a b""#), ("a,b", #""a,b""#),
            (#"say "x""#, #""say ""x""""#), ("a\r\nb", "\"a\r\nb\""), ("zwölf €", #""zwölf €""#),
            ("=1+1", #""'=1+1""#), ("+1", #""'+1""#), ("-1", #""'-1""#), ("@x", #""'@x""#), ("\t=1", "\"'\t'=1\""),
            ("\rx", "\"'\rx\""), ("\nx", "\"'\nx\""), ("＝1", #""'＝1""#), ("＠x", #""'＠x""#), ("ﾠx", #""ﾠx""#),
            ("a=b", #""a=b""#), ("a-b", "a-b"), ("a;=1", #""a;'=1""#), ("a; =1", #""a; =1""#), ("a\n-1", "\"a\n'-1\""),
            (#"a;"=1"#, #""a;""'=1""#), ("a,=1", #""a,=1""#), (#"{"a":"=1"}"#, #""{""a"":""=1""}""#),
            ("a\u{0}b", "\"a\u{FFFD}b\""),
        ]
    )
    func `a cell is quoted where it has to be, and no formula`(text: String, cell: String) {
        var line = SpreadsheetText()
        line.append(text)
        line.append(plain: "1")
        line.endLine()

        #expect(String(decoding: line.take(), as: UTF8.self) == cell + ",1\r\n")
    }

    @Test(arguments: 1...5)
    func `whatever is in them, cells come back, and none begins a formula by any separator`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let scalars = Array("=+-@\t\r\n;,\"' ax1ü＝{}[]:".unicodeScalars)
        for _ in 0..<400 {
            let cells = (0..<3).map { _ in
                var text = String.UnicodeScalarView()
                for _ in 0..<Int.random(in: 0...8, using: &random) {
                    text.append(scalars[Int.random(in: 0..<scalars.count, using: &random)])
                }
                return String(text)
            }
            var line = SpreadsheetText()
            for cell in cells { line.append(cell) }
            line.endLine()
            let text = String(decoding: line.take(), as: UTF8.self)

            let read = try #require(CSVReader.records(text)?.first, "\(text.debugDescription)")
            #expect(read.count == 3)
            for (cell, original) in zip(read, cells) {
                let restored = cell.unicodeScalars.filter { $0 != "'" }
                let kept = original.unicodeScalars.filter { $0 != "'" }
                #expect(String(String.UnicodeScalarView(restored)) == String(String.UnicodeScalarView(kept)))
            }
            for part in Self.parts(of: text) + read {
                #expect(!Self.beginsFormula(part), "\(part.debugDescription) in \(text.debugDescription)")
            }
        }
    }

    /// What programs see as cells that go by semicolons, tabs and line breaks, with quotes or without.
    private static func parts(of text: String) -> [String] {
        let separators: Set<Unicode.Scalar> = [";", "\t", "\r", "\n"]
        let raw = text.unicodeScalars.split { separators.contains($0) }.map { String(String.UnicodeScalarView($0)) }
        return raw + raw.map { String(String.UnicodeScalarView($0.unicodeScalars.drop { $0 == "\"" })) }
    }

    private static func beginsFormula(_ text: String) -> Bool {
        text.unicodeScalars.first.map { "=+-@＝".unicodeScalars.contains($0) } ?? false
    }
}
