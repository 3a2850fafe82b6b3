// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Settings

/// Which controller is measured: one that is started for it, or a given one.
struct ControllerOptions: ParsableArguments {
    @Flag(help: "Without the tunnel: simulated agents and parts of a controller on this machine only.")
    var plain = false

    @Option(help: ArgumentHelp("The HTTP API of a running controller; its key is in BROKER_API_KEY.", valueName: "url"))
    var url: String?

    @Option(help: ArgumentHelp("The address for agents of a running controller.", valueName: "host:port"))
    var controller: String?

    @Option(
        help: ArgumentHelp(
            "Directory of the authority that issues the simulated agents' certificates.",
            valueName: "dir"
        )
    )
    var authority: String?

    @Option(help: ArgumentHelp("The process of the running controller, if it is on this machine.", valueName: "number"))
    var pid: Int32?

    @Option(
        help: ArgumentHelp("Where temporary files go; the file system is part of what is measured.", valueName: "dir")
    )
    var directory: String?

    func validate() throws {
        let given = [url, controller, authority].compactMap(\.self)
        guard given.isEmpty || given.count == 3 else {
            throw ValidationError("--url, --controller and --authority go together")
        }
        guard given.isEmpty || !plain else {
            throw ValidationError("--plain is for a controller that is started here: no running one does without TLS")
        }
        if let controller, NetworkAddress(controller) == nil {
            throw ValidationError("--controller takes HOST:PORT")
        }
    }

    var link: ControllerProcess.Link { plain ? .plain : .tunnel }
}
