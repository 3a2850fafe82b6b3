// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct TargetSelectionTests {
    @Test(
        arguments: [
            ("web-1", ["web-1"]), ("Web-1", ["web-1"]), ("web-1,db-1", ["db-1", "web-1"]),
            ("web-1 and env=prod", ["web-1"]),
            ("_any and web-1", ["web-1"]), ("web-*", nil), ("web-1,db-*", nil), ("not web-1", nil), ("_all", nil),
            ("web-1 or env=prod", nil), ("env=prod", nil),
        ] as [(String, [String]?)]
    )
    func `where only named hosts can be selected, they are known beforehand`(text: String, hosts: [String]?) throws {
        #expect(try TargetExpression(parsing: text).onlyHosts?.sorted() == hosts)
    }

    private static let table: [(expression: String, hostnames: String)] = [
        ("_all", "Web-10 db-1 db-2 web-1 web-2"),
        // Host names and patterns.
        ("web-1", "web-1"), ("WEB-1", "web-1"), ("web-10", "Web-10"), ("'web-1'", "web-1"),
        ("web-*", "Web-10 web-1 web-2"), ("WEB-?", "web-1 web-2"), ("web-[2-9]", "web-2"), ("web-[!1]", "web-2"),
        ("web-1,web-2", "web-1 web-2"), ("web-1, db-*", "db-1 db-2 web-1"), ("web-1,nobody", "web-1"),
        ("(web-1,web-2) and env=prod", "web-1"), ("web-1,web-2 or db-1", "db-1 web-1 web-2"),
        // Labels, with their hierarchy.
        ("env=prod", "Web-10 db-1 web-1"), ("env = prod", "Web-10 db-1 web-1"), ("env=Prod and _all", ""),
        ("env!=prod", "db-2 web-2"), ("env=p*", "Web-10 db-1 web-1"), ("env!=p*", "db-2 web-2"),
        ("env=\"prod\"", "Web-10 db-1 web-1"), ("env='p*'", ""),
        ("group=web", "web-1 web-2"), ("group=web.dev", "web-1"), ("group=web.de", ""), ("group=w?b", "web-1 web-2"),
        ("group=db", "db-1"), ("group=db.main", "db-1"), ("group=main", ""), ("group=web.", ""),
        ("group in (web, db)", "db-1 web-1 web-2"), ("group not in (web, db)", "Web-10 db-2"),
        ("env in (staging)", "db-2 web-2"), ("env NOT IN (prod,staging)", ""),
        ("rack=7", "web-1"), ("rack>=7", "web-1"), ("rack>7", ""), ("rack=7.0", ""),
        ("note='a*b = (c)'", "db-2"), ("text=\"it's\"", "db-2"), ("text='it\\'s'", "db-2"), ("'note'=a*", "db-2"),
        // Facts.
        ("cpus>=4", "Web-10 db-1 web-1"), ("fact:cpus>=4", "Web-10 web-1"), ("label:cpus>=4", "db-1"),
        ("fact:cpus<2", "db-1"), ("fact:cpus<=2", "db-1 web-2"), ("fact:cpus=4", "Web-10"), ("fact:cpus=8.0", "web-1"),
        ("fact:cpus!=8", "Web-10 db-1 db-2 web-2"), ("fact:cpus=many", "db-2"), ("fact:cpus=[1-4]", "db-1 web-2"),
        ("memory.total>=4GiB", "web-1"), ("memory.total>=1g", "web-1 web-2"), ("memory.total>8GB", "web-1"),
        ("memory.total>8.5GB", "web-1"), ("memory.total>8192M", ""), ("memory.total=8GiB", "web-1"),
        ("fact:os.id=debian", "web-1"), ("os.name='Debian GNU/Linux'", "web-1"), ("os.name=Debian*", "web-1"),
        ("os=debian", ""), ("os.id.x=debian", ""), ("release=6.1.*", "web-1"), ("virtual=true", "web-1"),
        ("addresses=10.0.0.*", "web-1 web-2"), ("addresses!=10.0.0.1", "Web-10 db-1 db-2 web-2"),
        ("disks.mount=/srv", "web-1"), ("disks.size>1000", "web-1"), ("disks.size<50", ""),
        ("fact:env=staging", "db-2"), ("label:env=staging", "web-2"), ("env=shadow", ""), ("fact:env=shadow", "Web-10"),
        ("load=x", ""), ("load!=x", "Web-10 db-1 db-2 web-1 web-2"), ("fact:env=stag", ""),
        // Missing keys.
        ("none=1", ""), ("none!=1", "Web-10 db-1 db-2 web-1 web-2"), ("none<1", ""), ("none>=0", ""),
        ("none in (1)", ""), ("none not in (1)", "Web-10 db-1 db-2 web-1 web-2"),
        // Combinations.
        ("env=prod and web-*", "Web-10 web-1"), ("not env=prod", "db-2 web-2"), ("NOT NOT db-1", "db-1"),
        ("db-1 or db-2 and env=prod", "db-1"), ("(db-1 or db-2) and env=prod", "db-1"),
        ("web-1 or db-* and env=prod", "db-1 web-1"), ("not web-* and env=prod", "db-1"),
        ("not (web-* or env=prod)", "db-2"), ("_all and not web-3", "Web-10 db-1 db-2 web-1 web-2"),
        ("env=prod and(web-1)", "web-1"), ("((((db-1))))", "db-1"), ("env=prod And Not Web-1", "Web-10 db-1"),
        ("not _all", ""), ("web-1 OR cpus=many", "db-2 web-1"), ("\tdb-1\n or\u{a0}db-2 ", "db-1 db-2"),
        ("sample or web-1", "web-1"), ("_ALL and db-1", "db-1"),
    ]

    @Test(arguments: table)
    func `an expression selects these hosts`(expression: String, hostnames: String) throws {
        let target = try TargetExpression(parsing: expression)

        guard !hostnames.isEmpty else {
            let error = #expect(throws: TargetError.self) { try target.select(from: TargetFleet.small, seed: 1) }
            #expect(error?.code == .nothingSelected)
            return
        }
        let selected = try target.select(from: TargetFleet.small.shuffled(), seed: 1)
        #expect(selected.map(\.hostname).joined(separator: " ") == hostnames)
        #expect(target.text == expression)
    }

    private static let emptySelections: [(expression: String, message: String)] = [
        ("web-9", "no agent is called 'web-9'"),
        ("Web-9", "no agent is called 'Web-9'"),
        ("'no such'", "no agent is called 'no such'"),
        ("env=none", "no agent matches 'env=none'"),
        ("x-*", "no agent matches 'x-*'"),
        ("web-9,web-8", "no agent matches 'web-9,web-8'"),
        ("web-9 and sample(1)", "no agent matches 'web-9 and sample(1)'"),
        ("env=none and _any", "no agent matches 'env=none and _any'"),
    ]

    @Test(arguments: emptySelections)
    func `an empty selection is an error that says what found nobody`(expression: String, message: String) throws {
        let target = try TargetExpression(parsing: expression)

        let error = #expect(throws: TargetError.self) { try target.select(from: TargetFleet.small, seed: 1) }

        #expect(error == TargetError(.nothingSelected, message))
    }

    @Test func `a fleet without agents has nothing to select`() throws {
        for text in ["_all", "sample(1)"] {
            let target = try TargetExpression(parsing: text)
            let error = #expect(throws: TargetError.self) { try target.select(from: [], seed: 1) }
            #expect(error == TargetError(.nothingSelected, "no agent is known yet"))
        }
    }

    @Test func `a fact whose name has a dot is found under its whole name`() throws {
        let agents = [
            TargetFleet.agent("a", facts: ["os.id": "x"]), TargetFleet.agent("b", facts: ["os": ["id": "x"]]),
            TargetFleet.agent("c", facts: ["os": [["id": "y"], ["id": "x"]]]), TargetFleet.agent("d"),
        ]

        let selected = try TargetExpression(parsing: "os.id=x").select(from: agents, seed: 1)

        #expect(selected.map(\.hostname) == ["a", "b", "c"])
    }

    @Test func `a list of hundreds of names selects them all from thousands`() throws {
        let agents = (0..<5000).map { TargetFleet.agent("h\($0)") }
        let names = stride(from: 0, to: 5000, by: 8).map { "h\($0)" }
        let target = try TargetExpression(parsing: names.joined(separator: ","))
        let same = try TargetExpression(parsing: names.prefix(400).joined(separator: " or "))

        #expect(Set(try target.select(from: agents, seed: 1).map(\.hostname)) == Set(names))
        #expect(Set(try same.select(from: agents, seed: 1).map(\.hostname)) == Set(names.prefix(400)))
    }
}
