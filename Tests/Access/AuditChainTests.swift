// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Access

struct AuditChainTests {
    private func entry(_ action: String, detail: String? = nil) -> AuditEntry {
        AuditEntry(
            time: Timestamp(milliseconds: 1_800_000_000_125),
            actor: "ann",
            keyID: "brk_0123456789ab",
            action: action,
            address: "192.0.2.7",
            requestID: "r-1",
            jobID: JobID(high: 1, low: 2),
            detail: detail
        )
    }

    private func chain(_ count: Int) -> [AuditRecord] {
        var chain = AuditChain()
        return (1...count).map { chain.append(entry("submitJob", detail: "job \($0)")) }
    }

    private func fault(_ records: [AuditRecord]) -> AuditFault? {
        var chain = AuditChain()
        do {
            for record in records { try chain.check(record) }
            return nil
        } catch {
            return error
        }
    }

    @Test func `a chain that was not touched is whole`() {
        let records = chain(5)

        #expect(fault(records) == nil)
        #expect(records.map(\.number) == [1, 2, 3, 4, 5])
        #expect(records[0].previousHash == AuditChain.origin)
        #expect(records[4].previousHash == records[3].hash)
    }

    @Test func `a line that was changed is found, whatever was changed in it`() {
        let changes: [(AuditEntry) -> AuditEntry] = [
            { AuditEntry(time: $0.time, actor: "bob", keyID: $0.keyID, action: $0.action) },
            { self.entry($0.action, detail: "another job") },
            { self.entry("deleteJob", detail: $0.detail) },
        ]
        for change in changes {
            var records = chain(3)
            let old = records[1]
            records[1] = AuditRecord(
                number: old.number,
                entry: change(old.entry),
                previousHash: old.previousHash,
                hash: old.hash
            )

            #expect(fault(records)?.number == 2)
        }
    }

    @Test func `a line that was changed together with its hash breaks the chain at the next one`() {
        var records = chain(3)
        var forger = AuditChain(number: 1, hash: records[0].hash)
        records[1] = forger.append(entry("deleteJob"))

        #expect(fault(records)?.number == 3)
    }

    @Test func `lines that are missing or out of order are found`() {
        let records = chain(4)

        #expect(fault([records[0], records[2], records[3]])?.number == 2)
        #expect(fault(Array(records.dropFirst()))?.number == 1)
        #expect(fault([records[1], records[0]])?.number == 1)
    }

    @Test func `the canonical form is that of RFC 8785`() {
        let odd = entry("submitJob", detail: "a \"quote\", a \\, ünïcode / slash")

        let text = String(decoding: AuditChain.canonical(1, odd, after: AuditChain.origin), as: UTF8.self)

        let expected =
            #"{"action":"submitJob","actor":"ann","address":"192.0.2.7","code":null,"count":1,"#
            + #""detail":"a \"quote\", a \\, ünïcode / slash","job_id":"00000000-0000-0001-0000-000000000002","#
            + #""key_id":"brk_0123456789ab","number":1,"outcome":"done","previous_hash":"\#(AuditChain.origin)","#
            + #""request_id":"r-1","subject":null,"time":"2027-01-15T08:00:00.125Z"}"#
        #expect(text == expected)
    }

    @Test func `a line survives its JSON`() throws {
        let record = chain(1)[0]

        let read = try JSON.decode(AuditRecord.self, from: try JSON.encode(record))

        #expect(read == record)
        #expect(fault([read]) == nil)
    }

    @Test func `texts are cut, and control characters do not get into a line`() {
        let long = AuditEntry(
            time: Timestamp(milliseconds: 0),
            action: "submitJob",
            subject: "a\u{0}b\nc",
            detail: String(repeating: "ä", count: 1000)
        )

        #expect(long.detail?.unicodeScalars.count == AuditEntry.maximumText)
        #expect(long.subject == "a\u{FFFD}b\u{FFFD}c")
    }
}
