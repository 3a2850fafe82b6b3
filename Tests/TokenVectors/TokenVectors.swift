// SPDX-License-Identifier: Apache-2.0

package import Jobs

/// Keys and tokens of an identity provider, made with another library (pyca/cryptography); their private keys are gone.
///
/// The claims are those of ``claims``, which expire in 2100.
package enum TokenVectors {
    /// What the tokens say.
    package static let claims: JSONValue = [
        "iss": "https://id.example.org", "aud": "broker", "sub": "ann", "exp": 4_102_444_800,
        "scope": "job:read job:write",
    ]

    /// A key set: one key for each algorithm, and some that are of no use.
    package static let keySet =
        #"{"keys":[{"kty":"EC","crv":"P-256","kid":"p256","use":"sig","x":"ud2zLPEfl4geD_TXXA4oxX3N_"#
        + #"gyn3B8R10i1Q2wLIVM","y":"3IxWtx4_km2sNEOt4barLOUqe4ceNjYBdNsL2cS90iY"},{"kty":"OKP","crv":"#
        + #""Ed25519","kid":"edwards","alg":"EdDSA","x":"L0i5VaZ4pMZ3jBbg6SLudvWm5qtLpDaesaGpn0V7kn4"}"#
        + #",{"kty":"RSA","kid":"rsa","n":"tBJvnoudABg5C39dJ4oNmotCqFBM5x4xYAhVK375OrscWDtPCVEfNf-jC0F"#
        + #"bWbh0EhkXKR2vb3xp25Y_xF66QjVo7px3bK0dhFgT6xe_zw5jdmzRihZMx0CuEYcIigWYPdKidWiE05JzmvOzwI1Eg"#
        + #"VVLS-lk9Rr0U7Jf0Ey1ho63VaI_LVbtxY1CstBqQVtcU32BO2_97cvo0lYuKU38-xk107_JX5fTvGiZVbGhlNORo7g"#
        + #"PvF0iGQoGjO3Iou4Zof0Jb1CNvdmD-Rl9cqlAP2jipAYVebudhP6LCXzuFRKBnk1uMfQsTb7ePisnZYzLupcbOK7q3"#
        + #"k7cve2Y56RshQ","e":"AQAB"},{"kty":"RSA","kid":"weak","n":"7aMzbzjUJlCZeptgi7z4TOvVAbjAYo5g"#
        + #"EsjaIWRV_mbDHK0nqhbN4fUnwux1xhvbf1_NVStQePAbjzSRLkz5_O4W2dwvsOw3Kc7vNcfu61G2DJ6DZB6jBT9hmi"#
        + #"9SPmuxUgcM8poMHMDrSECmlcR10JNvSosEyO_oLGG_cGY6CVU","e":"AQAB"},{"kty":"RSA","kid":"sealing"#
        + #"","use":"enc","n":"tBJvnoudABg5C39dJ4oNmotCqFBM5x4xYAhVK375OrscWDtPCVEfNf-jC0FbWbh0EhkXKR2"#
        + #"vb3xp25Y_xF66QjVo7px3bK0dhFgT6xe_zw5jdmzRihZMx0CuEYcIigWYPdKidWiE05JzmvOzwI1EgVVLS-lk9Rr0U"#
        + #"7Jf0Ey1ho63VaI_LVbtxY1CstBqQVtcU32BO2_97cvo0lYuKU38-xk107_JX5fTvGiZVbGhlNORo7gPvF0iGQoGjO3"#
        + #"Iou4Zof0Jb1CNvdmD-Rl9cqlAP2jipAYVebudhP6LCXzuFRKBnk1uMfQsTb7ePisnZYzLupcbOK7q3k7cve2Y56Rsh"#
        + #"Q","e":"AQAB"},{"kty":"oct","kid":"shared","k":"c2VjcmV0"}]}"#

    /// A good token, signed with ES256.
    package static let es256 =
        #"eyJhbGciOiJFUzI1NiIsImtpZCI6InAyNTYifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkIjo"#
        + #"iYnJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ9."#
        + #"r8ICfpOFzw7nvq9U7blSnCIjkKp467f8lo-F_MMBEs6pW51IchGH7HOtvFU7DveGVXEP6Qoxr9VMc-GY-JUrCA"#

    /// A good token, signed with EdDSA.
    package static let edDSA =
        #"eyJhbGciOiJFZERTQSIsImtpZCI6ImVkd2FyZHMifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXV"#
        + #"kIjoiYnJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0Z"#
        + #"SJ9.rfftPC5Gbn8M9rqjgi6UyUSsZLQPE40ftgZkoL0CPKTgouKPCuR54SOtgvHy2uNayaUPMaFJH_oYxGV8kUXQBg"#

    /// A good token, signed with RS256.
    package static let rs256 =
        #"eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkIjoiY"#
        + #"nJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ9.i5"#
        + #"6A8Oy-uLz-hAkE6B25o42IbxtnOifv0UpmkdNjxjNvXBPai5bLlrLSiheoAtK1oR389bAi9PMe9lAtbE8VuvVUL1lT"#
        + #"EuARrsTruV2zMrC6SYBvg2MbCFqE-TCVAHZ8l2iBc5fBdcnHcjCkJ0RE07sRrtILzXFu3MJoUjPdXjU1p9mMn1-r19"#
        + #"_V3e-EmudB6uJm_3bheaShxZRp7Ncxq2-UM6hqOstyDBExlJyYmU7KPilOFv_xjjod67S-1wZdNnFE8y3Y39XV0Ggp"#
        + #"F1sPZfEJaDcE5m1lu5nWCJXowWYK-ap6DF_ISxoDsHsqlD1iNnNu7Ha5bcHdnH3scHj4Wg"#

    /// A good token that does not say which key it was signed with.
    package static let withoutKeyID =
        #"eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkIjoiYnJva2VyIiwic3ViI"#
        + #"joiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ9.zLZCHmuw3wYRe94Uiv"#
        + #"Wt35M8b9aIoRyDckyifxC5jNrrldfwtWJX1J_NFc5USUgn16MzWeCrtm0_v1pwLDSDTg"#

    /// Tokens that must not be accepted, by what is wrong with their signature.
    package static let forged = [
        "none":
            "eyJhbGciOiJub25lIiwia2lkIjoicnNhIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkIjoiYn"
            + "Jva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ9.",
        "hmacOfShared":
            "eyJhbGciOiJIUzI1NiIsImtpZCI6InNoYXJlZCJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkI"
            + "joiYnJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ"
            + "9.heeGSgrvdEPdZEKsi7dMrTlTH22FWBXArIx3oqg3x8w",
        "hmacOfPublicKey":
            "eyJhbGciOiJIUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkIjoiY"
            + "nJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ9.C6"
            + "w2ibQFYOnV0oMV684hUcJ7yw2kD6ubW7rUOkxAIm4",
        "otherAlgorithm":
            "eyJhbGciOiJSUzUxMiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkIjoiY"
            + "nJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ9.Z9"
            + "gR68b5UdTFenmMojSYFU6bONKsDpRckKf0cCnJ3zhTFb1cj0bvUHpNdMrO3mQqqbA3CWtIRPeJBeOPywv-JjS1Cj_O"
            + "YQ3XtiWy7pCYi2InsN92lxZ48jCJQrVPIWRClbt1V2zHrdNLLkiYU2m_SD_OQ_lrQ1Y7VaiB4_NYxnRSJ3tphLLFh0"
            + "oEcT2JFHvv2AZligkgsc63PTlsPzSCgzDRQqwn0lDkb39nAymn28OGXN4aykUvVNo_JrvmK-QwnGUm9lRm6PTUfSbu"
            + "BX3F68N8PRSuFIU3W9oO051ulnbZcKwQqV8petoNQmXVufFZhxZa0Ztu8UHPJU7YdZLcEQ",
        "weak":
            "eyJhbGciOiJSUzI1NiIsImtpZCI6IndlYWsifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkIjo"
            + "iYnJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ9."
            + "lsFuTTgsgfgpWbgxgv6Z07XZ6KngacAtWlHNAlvk5MemEMEDIvckGztF-b2TDNI4bzlrbFsOFguCgXxvgJlYjUrqJW"
            + "0rx6CUWm41palZFo0M57MQMHfMutKKS2uiAcn7O63a4weM-X5AQqd9wEeNnBArCpUZ8JSPHg2a7R6C_6k",
        "sealing":
            "eyJhbGciOiJSUzI1NiIsImtpZCI6InNlYWxpbmcifQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXV"
            + "kIjoiYnJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0Z"
            + "SJ9.NheK0KcL9ZGqPKPGDI8-GakuQ1AMUsyC1PHH8rMO0JYzopVC-84itXPly3HCf9G_mVfhADBxdMQLbrLtN8qmVk"
            + "xN-dqJCq-7uJgvI69DBeJoKQlVD_Ff2bU0B55Z4B0q4u2mtbfrdAc3uBxbJLgdily6PCQ-RWzYaKbDs34zfNuCpyP7"
            + "3aGEz_xDusEJcyRPSQMaMxFdz0-bbJDKU9gRd0OPQKqB8mE6SvXaw8-nD_OB8C6NkvQqsIkkUsYmBUUpMZfdeyWyvI"
            + "WKfPVw1F4eTx94tN_BC1dx3QMLIh3eyTJM4rNfgwx-531YB_rkVQXC4omiT0d8h_z93E9IB_p7Ow",
        "unknownKey":
            "eyJhbGciOiJSUzI1NiIsImtpZCI6Im5vYm9keSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkI"
            + "joiYnJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ"
            + "9.Z8Ijhfhs5Yanps-A3Lxy-Eop--z5IWS5zDk2RjQDxeG6Cce9ZekbWA02jDtVqwJTC2FTSj48G5wuJtxmmvTHxlVO"
            + "XGVESKpDfFAnGpOCMQuoo6FilU9ldmk44xDpzYJOHmTZMTZ1aBtBwOzx3tkBJelr7SUxGrtH27kBbWs3mg68CAABVZ"
            + "4rMMmejSVUmZw5SCKL36k5jh2W_POiNSCBK_d4ZURzWZDL2QqzP0Xac94QH-61845UYBG3LeJo0P9A4mahAst-KjdP"
            + "70kbu6zxbmWTuPyPUkQEwcCFm8nID-e_VbFl0QGi34qZQDsLH7NDVOUs_3vPPp5fAQXBvLNIog",
        "otherKey":
            "eyJhbGciOiJSUzI1NiIsImtpZCI6InJzYSJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUub3JnIiwiYXVkIjoiY"
            + "nJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZWFkIGpvYjp3cml0ZSJ9.jQ"
            + "gKM24tYFcGA3ARmBjU34kvwsjE6Jnh0CzVG9uQhRdmfuV4zBUjCpv4pR5VqN7vFZLalfspe0Cp3F9J-YRStLW8wfeO"
            + "4UmsnxbS8BWVgeVYXOzD4i6uTtwSjsVbVpPCY7V908dCpp-EVGkBf8dg26QX_5H24YHjDJfrKxrllHQ",
        "critical":
            "eyJhbGciOiJFUzI1NiIsImtpZCI6InAyNTYiLCJjcml0IjpbImV4cCJdfQ.eyJpc3MiOiJodHRwczovL2lkLmV4YW1"
            + "wbGUub3JnIiwiYXVkIjoiYnJva2VyIiwic3ViIjoiYW5uIiwiZXhwIjo0MTAyNDQ0ODAwLCJzY29wZSI6ImpvYjpyZ"
            + "WFkIGpvYjp3cml0ZSJ9.FCTw60-PX5cbeL_KWlK8eT83pWbxTAlX5J5DBgfJStTKfcQ5yaO-JzCA9L2yg9uXjgEaDh"
            + "SSWI8s4p5NLY7LWg",
    ]
}
