// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on files.
    static let file: [CatalogueOperation] = [
        .fileDeploy, .fileStat, .fileAbsent, .fileDirectory, .fileLink, .fileLine, .fileBlock, .archiveExtract,
    ]
}
