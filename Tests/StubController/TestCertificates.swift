// SPDX-License-Identifier: Apache-2.0

/// A certification authority of its own and a certificate of it for `localhost` and `127.0.0.1`, for tests only.
///
/// Both are valid from 2020 to 2120, so that no test depends on the day on which it runs.
package enum TestCertificates {
    /// The authority, in PEM.
    package static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBeTCCAR6gAwIBAgIUPUU1vSlmCVi5mi3autEzPbu5AkMwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOQnJva2VyIHRlc3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjEy
        MDAxMDEwMDAwMDBaMBkxFzAVBgNVBAMMDkJyb2tlciB0ZXN0IENBMFkwEwYHKoZI
        zj0CAQYIKoZIzj0DAQcDQgAEWJu0NFUmWR1ChjkpvHxa/OyGJUJ93vOI9VxZh6f3
        9Cf/Z3dJCGBgK4tXZUVZCkFYmV0jZ5/o2Hx+9Fiwy7gm76NCMEAwDwYDVR0TAQH/
        BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0OBBYEFInGE5aRjf7l55OI+ICz
        P6e9ZPNrMAoGCCqGSM49BAMCA0kAMEYCIQCr5edhLbYTL+W6sEtjh8gR17DV9e9a
        yjL8WDDYxpBz/wIhAKlzxLTjhdqG4bou2gZieBZNVJcLpq5nyzFWRjv7t4s6
        -----END CERTIFICATE-----

        """

    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBszCCAVmgAwIBAgIUMuxdr/qkxVZMz9W69sNLubD6QGMwCgYIKoZIzj0EAwIw
        GTEXMBUGA1UEAwwOQnJva2VyIHRlc3QgQ0EwIBcNMjAwMTAxMDAwMDAwWhgPMjEy
        MDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMGByqGSM49AgEG
        CCqGSM49AwEHA0IABLxcu5lqx2yO0f/yjVim9XJfppNiI7A8+26jwA3esMXNx0yj
        a7oEAwQmVNT1Jsfc3kU/vvMWgaIzU7jphOPl/HqjgYEwfzAaBgNVHREEEzARggls
        b2NhbGhvc3SHBH8AAAEwDAYDVR0TAQH/BAIwADATBgNVHSUEDDAKBggrBgEFBQcD
        ATAdBgNVHQ4EFgQUMA24epgjpH6Y4zR2d0GpwfqrV5QwHwYDVR0jBBgwFoAUicYT
        lpGN/uXnk4j4gLM/p71k82swCgYIKoZIzj0EAwIDSAAwRQIhAIY9wkxGdRogV5LI
        TT3ecqcPMT3tIRG73gkgiVXZ225vAiAGZX+G2zHmUgIt8GYWWLNiCBhwyjr/1ZUt
        dNbew4WC8Q==
        -----END CERTIFICATE-----

        """

    static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgHwb/m4g56fC0b1Ex
        waSFnz9mEzcFEOUIJJflrFOtLiGhRANCAAS8XLuZasdsjtH/8o1YpvVyX6aTYiOw
        PPtuo8AN3rDFzcdMo2u6BAMEJlTU9SbH3N5FP77zFoGiM1O46YTj5fx6
        -----END PRIVATE KEY-----

        """
}
