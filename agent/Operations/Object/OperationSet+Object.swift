// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations of stored objects, in both directions.
    static let object: [any Operation] = [ObjectFetch(), FileFetch()]
}
