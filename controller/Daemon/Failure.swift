// SPDX-License-Identifier: Apache-2.0

import Authority
import Credentials
import Glibc
import JobKeys
import NIOCore
import Settings
import Store

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
        case let error as JobKeyError: self.init("\(doing): \(error.message)")
        case let error as AuthorityError: self.init("\(doing): \(error.message)")
        case let error as CredentialsError: self.init("\(doing): \(error.message)")
        case let error as StoreError: self.init("\(doing): \(error.message)")
        case let error as IOError where error.errnoCode == EADDRINUSE: self.init("\(doing): the address is in use")
        default: self.init("\(doing): \(error)")
        }
    }
}
