// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

struct CommandParametersTests {
    @Test func `what is left out has its default`() throws {
        let parameters = try CommandParameters(validating: ["argv": ["ls", "-l"]], for: .exec)

        #expect(parameters.argv == ["ls", "-l"])
        #expect(parameters.cwd == nil)
        #expect(parameters.env.isEmpty)
        #expect(parameters.stdin == nil)
        #expect(parameters.timeout == .seconds(300))
        #expect(parameters.okExitCodes == [0])
        #expect(parameters.creates == nil)
        #expect(parameters.removes == nil)
        #expect(parameters.outputLimit == 65_536)
    }

    @Test func `every parameter is read`() throws {
        let data: JSONValue = [
            "command": "make -j 4", "cwd": "/src", "env": ["CC": "clang", "EMPTY": ""], "stdin": "yes\n",
            "timeout": 1.5, "ok_exit_codes": [0, 2, .double(3.0)], "creates": "/src/a.out", "removes": "/src/stale",
            "output_limit": .double(0),
        ]

        let parameters = try CommandParameters(validating: data, for: .shell)

        #expect(parameters.argv == ["/bin/sh", "-c", "make -j 4"])
        #expect(parameters.cwd == "/src")
        #expect(parameters.env == ["CC": "clang", "EMPTY": ""])
        #expect(parameters.stdin == "yes\n")
        #expect(parameters.timeout == .milliseconds(1500))
        #expect(parameters.okExitCodes == [0, 2, 3])
        #expect(parameters.creates == "/src/a.out")
        #expect(parameters.removes == "/src/stale")
        #expect(parameters.outputLimit == 0)
    }

    @Test func `faulty parameters are refused with every fault`() throws {
        let error = #expect(throws: InvalidParameters.self) {
            try CommandParameters(validating: ["argv": ["ls"], "cwd": "x", "timeout": 0], for: .exec)
        }

        #expect(error?.faults.map(\.pointer) == ["/cwd", "/timeout"])
        #expect(error?.description == "/cwd: must be an absolute path; /timeout: must be more than 0")
        #expect(throws: InvalidParameters.self) { try CommandParameters(validating: ["argv": ["ls"]], for: .shell) }
        #expect(throws: InvalidParameters.self) { try CommandParameters(validating: nil, for: .exec) }
    }

    @Test func `secret variables are held to the rules of variables`() throws {
        let data: JSONValue = ["argv": ["x"], "env": ["A": "1"], "secret_env": ["B": "2"]]

        let command = try CommandParameters(validating: data, for: .exec)

        #expect(command.env == ["A": "1"] && command.secretEnv == ["B": "2"])
        for name in ["", "A=B"] {
            let error = #expect(throws: InvalidParameters.self) {
                try CommandParameters(validating: ["argv": ["x"], "secret_env": [name: "y"]], for: .exec)
            }
            #expect(error?.faults.first?.pointer == "/secret_env/\(name)")
        }
    }
}
