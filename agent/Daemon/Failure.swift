// SPDX-License-Identifier: Apache-2.0

import ControllerReach
import Credentials
import Link
import Runner
import Settings

/// Why the program ends with exit code 1, in one line: the one place that says so.
struct Failure: Error, CustomStringConvertible {
    let description: String

    /// Makes a failure of its one line.
    init(_ description: String) {
        self.description = description
    }

    /// Makes a failure of an error, with what was being done.
    init(_ doing: String, _ error: any Error) {
        switch error {
        case let error as Failure: self = error
        case let error as SettingsError: self.init(error.message)
        case let error as CredentialsError: self.init("\(doing): \(error.message)")
        case let error as BrokerClientError: self.init("\(doing): \(error.message)")
        case let error as LedgerError: self.init(error.message)
        case let error as LinkTrustError: self.init(error.description)
        default: self.init("\(doing): \(error)")
        }
    }
}
