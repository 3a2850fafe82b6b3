// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `broker webhooks`: URLs that are told what happens.
struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Have URLs told what happens, and see what they were told.",
        discussion:
            "A message is signed as Standard Webhooks 1.0 says; libraries to check it are at standardwebhooks.com.",
        subcommands: [
            WebhooksCreateCommand.self, WebhooksListCommand.self, WebhooksUpdateCommand.self,
            WebhooksDeleteCommand.self,
            WebhooksRotateCommand.self, WebhooksEnableCommand.self, WebhooksTestCommand.self,
            WebhooksDeliveriesCommand.self, WebhooksReplayCommand.self,
        ]
    )
}
