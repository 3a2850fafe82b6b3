// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `container.pull`: an image for containers.
    static let containerPull = CatalogueOperation(
        "container.pull",
        .modify,
        "Gets an image that the host does not have; with always, asks the registry for a newer one.",
        parameters: .parameters(
            [
                "image": .image("The image, with a tag or a digest; without one, the tag is 'latest'."),
                "always": .flag("Whether the registry is asked although the image is there.", default: false),
                "username": .text("Who asks the registry, where it wants to know.", .word, maximum: 255),
                "password": .secret("The password for it."), "socket": .engineSocket,
            ],
            required: ["image"]
        ),
        result: .record(["image": ["type": "string"], "image_id": ["type": ["string", "null"]]]),
        limit: .seconds(1800),
        examples: [OperationExample("Have an image ready", ["image": "docker.io/library/nginx:1.27"])],
        rules: { data, pointer in
            let faults = containerFaults(data, pointer)
            guard faults.isEmpty, (data["username"] == nil) != (data["password"] == nil) else { return faults }
            return [Fault(pointer: pointer, detail: "needs both of username and password, or none")]
        }
    )
}
