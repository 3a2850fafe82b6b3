// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct TraceContextTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00f067aa0ba902b7"

    @Test(
        arguments: [
            ("00-\(trace)-\(parent)-01", 1), ("00-\(trace)-\(parent)-00", 0), ("cc-\(trace)-\(parent)-01-later", 1),
            ("01-\(trace)-\(parent)-03", 3), ("00-\(trace)-\(parent)-ff", 3),
        ] as [(String, UInt8)]
    )
    func `a traceparent is read, and handed on in version 00`(header: String, flags: UInt8) throws {
        let context = try #require(TraceContext(header))

        #expect(context.traceID == Self.trace)
        #expect(context.parentID == Self.parent)
        #expect(context.flags == flags)
        #expect("\(context)" == "00-\(Self.trace)-\(Self.parent)-0\(flags)")
        #expect(TraceContext("\(context)") == context)
    }

    @Test(
        arguments: [
            "", "00", "ff-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-01-", "00-\(trace)-\(parent)",
            "00-\(trace.uppercased())-\(parent)-01", "00-00000000000000000000000000000000-\(parent)-01",
            "00-\(trace)-0000000000000000-01", "00-\(trace)-\(parent)-1", "0-\(trace)-\(parent)-01",
            "00-\(trace)x-\(parent)-01", "00-\(trace)-\(parent)-0g",
            "00-\(trace)-\(parent)-01, 00-\(trace)-\(parent)-01",
        ]
    )
    func `what is none is passed over`(header: String) {
        #expect(TraceContext(header) == nil)
    }
}
