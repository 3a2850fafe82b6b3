// SPDX-License-Identifier: Apache-2.0

extension OperationCatalogue {
    /// The operations on containers.
    static let container: [CatalogueOperation] = [
        .containerList, .containerInspect, .containerStart, .containerStop, .containerRemove, .containerPull,
        .containerRun, .containerExec,
    ]
}

extension JSONValue {
    /// The parameter that says where the container engine listens.
    static let engineSocket = path("The engine's socket; that of Docker or Podman if this is left out.")

    /// The parameter that names a container.
    static let containerName = text("Its name or id.", .word, maximum: 255)

    /// The parameter that names an image.
    static func image(_ description: String) -> JSONValue { text(description, .word, maximum: 512) }

    /// The schema of what is told of one container.
    static let containerRecord: JSONValue = .record(containerMembers)

    /// The members of what is told of a container.
    static let containerMembers: [String: JSONValue] = [
        "id": ["type": "string"], "name": ["type": "string"], "image": ["type": "string"],
        "state": ["type": "string"],
    ]

    /// A list of texts.
    static func words(_ description: String, of each: String, _ count: ClosedRange<Int64>) -> JSONValue {
        list(description, of: ["description": .string(each), "type": "string", "maxLength": 131_071], count)
    }
}

extension CatalogueOperation {
    /// The faults of names that would be something else in the address of a request.
    static func containerFaults(_ data: JSONValue, _ pointer: String) -> [Fault] {
        ["container", "name"].flatMap { name -> [Fault] in
            guard let text = data[name]?.string else { return [] }
            let isName =
                text.utf8.first?.isASCIIAlphanumeric == true
                && text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "_.-".utf8.contains($0) }
            return isName ? [] : [Fault(pointer: "\(pointer)/\(name)", detail: "must be letters, digits and '_.-'")]
        } + imageFaults(data, pointer)
    }

    private static func imageFaults(_ data: JSONValue, _ pointer: String) -> [Fault] {
        guard let text = data["image"]?.string else { return [] }
        let isImage =
            text.utf8.first?.isASCIIAlphanumeric == true && !text.contains("..") && !text.contains("//")
            && text.utf8.allSatisfy { $0.isASCIIAlphanumeric || "_.-/:@".utf8.contains($0) }
        return isImage ? [] : [Fault(pointer: "\(pointer)/image", detail: "must be an image such as 'debian:12'")]
    }
}
