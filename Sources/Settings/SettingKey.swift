// SPDX-License-Identifier: Apache-2.0

/// A setting that a program knows.
package struct SettingKey: Hashable, Sendable {
    /// Its name in a file, with a dot between levels: `http.listen`.
    package let name: String
    /// One line on what it is for.
    package let summary: String
    /// What holds where it is not given, in words; nil where it must be given or there is none.
    package let fallback: String?

    /// Makes a setting.
    package init(_ name: String, _ summary: String, fallback: String? = nil) {
        self.name = name
        self.summary = summary
        self.fallback = fallback
    }
}
