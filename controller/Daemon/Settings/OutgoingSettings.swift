// SPDX-License-Identifier: Apache-2.0

import Outgoing
import Settings

/// Which addresses the controller may call.
enum OutgoingSettings {
    static let known = [
        SettingKey(
            "outgoing.allow",
            "private addresses and ranges that may be called all the same: 10.1.0.0/16,192.168.7.7"
        )
    ]

    /// Reads the policy.
    ///
    /// - Throws: `SettingsError` for what is no range.
    static func policy(_ settings: Settings) throws -> OutgoingPolicy {
        let ranges = try settings.strings("outgoing.allow").map { text in
            let text = text.filter { $0 != " " }
            guard let range = AddressRange(text) else {
                throw SettingsError(
                    "the setting 'outgoing.allow' has '\(text)'; it takes addresses and ranges such as 10.1.0.0/16"
                )
            }
            return range
        }
        return OutgoingPolicy(allowed: ranges)
    }
}
