// SPDX-License-Identifier: Apache-2.0

extension OperationSet {
    /// The operations on files.
    static let file: [any Operation] = [
        FileDeployOperation(), FileStatOperation(), FileAbsentOperation(), FileDirectoryOperation(),
        FileLinkOperation(), FileLineOperation(), FileBlockOperation(), ArchiveExtractOperation(),
    ]
}
