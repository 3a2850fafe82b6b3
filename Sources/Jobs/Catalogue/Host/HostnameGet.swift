// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `host.hostname.get`: what the host is called.
    static let hostnameGet = CatalogueOperation(
        "host.hostname.get",
        .read,
        "Tells the name of the host: the one in use, and the one that it will have when it starts again.",
        result: .record(["hostname": ["type": "string"], "static": ["type": ["string", "null"]]]),
        examples: [OperationExample("Ask hosts for their names", [:])]
    )
}
