// SPDX-License-Identifier: Apache-2.0

extension CatalogueOperation {
    /// `ca.add`: an authority that the host is to trust.
    static let caAdd = CatalogueOperation(
        "ca.add",
        .modify,
        "Has the host trust an authority: its certificate is put among those of the host, and the stores are made anew.",
        parameters: .parameters(
            [
                "name": authorityName,
                "certificate": [
                    "description": "The certificate in PEM, one.", "type": "string", "minLength": 1,
                    "maxLength": 65_536, "references": false,
                ],
            ],
            required: ["name", "certificate"]
        ),
        result: .record(["name": ["type": "string"], "fingerprint": ["type": "string"]]),
        limit: .seconds(300),
        examples: [
            OperationExample(
                "Have hosts trust an authority of your own",
                ["name": "example-root", "certificate": .string(exampleCertificate)]
            )
        ],
        rules: authorityFaults
    )

    /// A certificate made for examples; nobody has its key.
    static let exampleCertificate = """
        -----BEGIN CERTIFICATE-----
        MIIBlDCCATugAwIBAgIUaUUuH/vCVviOjV2+eOCAoB1WwZowCgYIKoZIzj0EAwIw
        FzEVMBMGA1UEAwwMRXhhbXBsZSBSb290MCAXDTI2MTEyNjA3MTkzNloYDzIxMjYx
        MTAyMDcxOTM2WjAXMRUwEwYDVQQDDAxFeGFtcGxlIFJvb3QwWTATBgcqhkjOPQIB
        BggqhkjOPQMBBwNCAAQbLMjBeUfc/mGb3Gjhlcn9bgSxJ2mx0dkWYexFxLR9X9hp
        YVnrX6QlqmzrjbDAtZhVbBnYDm37bF30cvu/w8Qno2MwYTAdBgNVHQ4EFgQUJA2e
        Tuq55kQJXDHJW82IpWBFTfUwHwYDVR0jBBgwFoAUJA2eTuq55kQJXDHJW82IpWBF
        TfUwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAgQwCgYIKoZIzj0EAwID
        RwAwRAIgd5rTSsVhthYqIocr/A3Q0SAgWU0VlWJrt6uVlvinBRECIEOFQv3BkR4D
        QWr1nyp97OtYwQAEDWShn0UbhkXJ3L8u
        -----END CERTIFICATE-----

        """
}
