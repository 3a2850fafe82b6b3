// SPDX-License-Identifier: Apache-2.0

import Testing

/// A misspelt name of a feature in `Package.swift` is accepted without a word, so that each one is checked here.
struct CompilerFeatureTests {
    @Test func `the upcoming features of the package are on`() {
        var missing: [String] = []
        #if !hasFeature(ExistentialAny)
        missing.append("ExistentialAny")
        #endif
        #if !hasFeature(MemberImportVisibility)
        missing.append("MemberImportVisibility")
        #endif
        #if !hasFeature(InternalImportsByDefault)
        missing.append("InternalImportsByDefault")
        #endif
        #if !hasFeature(NonisolatedNonsendingByDefault)
        missing.append("NonisolatedNonsendingByDefault")
        #endif

        #expect(missing == [])
    }
}
