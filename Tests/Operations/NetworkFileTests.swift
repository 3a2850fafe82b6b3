// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import Operations

struct NetworkFileTests {
    @Test func `routes are read from the kernel's tables`() {
        let text = """
            Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
            eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
            eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
            eth1\t000200C0\t00000000\t0000\t0\t0\t0\t00FFFFFF\t0\t0\t0
            nonsense
            """
        let routes = RouteTable.ipv4(text)

        #expect(routes.count == 2)
        #expect(routes.first?["gateway"] == "192.0.2.1" && routes.first?["metric"] == 100)
        #expect(routes.last?["destination"] == "192.0.2.0" && routes.last?["prefix"] == 24)
        #expect(RouteTable.ipv6("zz 00 00\n").isEmpty)
    }

    @Test func `the file of names keeps what is not replaced`() {
        let file = ResolverFile(
            "domain a\nsearch b c\nnameserver 192.0.2.1\nnameserver 192.0.2.2 x\noptions a b\noptions c"
        )

        #expect(
            file
                == ResolverFile(
                    nameservers: ["192.0.2.1", "192.0.2.2"],
                    search: ["b", "c"],
                    options: ["a", "b", "c"]
                )
        )
        #expect(ResolverFile(file.text(instead: "; note\n\n")) == file)
        #expect(file.text(instead: "; note\n\n").hasPrefix("; note\nsearch b c\n"))
    }

    @Test func `an echo is known by its answer`() {
        let request = EchoRequest(family: AF_INET, identifier: 1, sequence: 2, token: 3)
        var answer = request.bytes
        #expect(EchoRequest.checksum(answer) == 0)
        #expect(!request.isAnswered(by: answer))
        answer[0] = 0
        #expect(request.isAnswered(by: answer))
        #expect(request.isAnswered(by: [0x45] + [UInt8](repeating: 0, count: 19) + answer))
        answer[15] ^= 1
        #expect(!request.isAnswered(by: answer))
        for size in 0..<16 { #expect(!request.isAnswered(by: answer.prefix(size))) }
    }

    @Test func `what curl tells is read`() {
        let now = Timestamp(milliseconds: 1_795_249_800_000)
        let text = """

            broker:http_code=200
            broker:time_total=0.012345
            broker:remote_ip=::1
            broker:size_download=42
            Subject:CN = x
            Expire date:Dec  1 08:30:00 2026 GMT
            Subject:CN = authority
            Expire date:Jan 10 08:30:00 2030 GMT
            """
        let report = CurlReport(text, now: now)

        #expect(report.certificateDays == 10)
        #expect(
            report.told == [
                "status": 200, "time_ms": 12.35, "address": "::1", "body_bytes": 42, "certificate_days": 10,
                "certificate_expires_at": "2026-12-01T08:30:00.000Z",
            ]
        )
        #expect(CurlReport("curl: (7) Failed\n", now: now).complaint == "curl: (7) Failed")
    }

    @Test func `no text breaks out of curl's settings`() {
        let parameters = NetHTTPCheck.Parameters(
            url: "http://a/\"\\",
            method: "GET",
            headers: ["X": "\"\\n"],
            status: [200],
            bodyContains: nil,
            certificateDays: nil,
            follow: false,
            insecure: false,
            responseTimeout: 1
        )
        let settings = NetHTTPCheck.settings(parameters)

        #expect(settings.hasPrefix("url = \"http://a/\\\"\\\\\"\n"))
        #expect(settings.contains("header = \"X: \\\"\\\\n\"\n"))
    }
}
