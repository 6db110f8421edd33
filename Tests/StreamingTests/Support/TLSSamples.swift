/// Certificates and keys of the tests, valid from 2020 to 2119; two authorities, of which the second is the stranger's.
enum TLSSamples {
    static let ca = """
        -----BEGIN CERTIFICATE-----
        MIIBPDCB46ADAgECAgEBMAoGCCqGSM49BAMCMA0xCzAJBgNVBAMMAmNhMCAXDTIw
        MDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjANMQswCQYDVQQDDAJjYTBZMBMG
        ByqGSM49AgEGCCqGSM49AwEHA0IABM7vT+OLhL4fvzSMCKRSYRd4ICBMOdetZOTU
        LjUYpqciwus1sM8PNF5hL9cDeu5idcjmuPeVPxU4EToJgeTgwcWjMjAwMA8GA1Ud
        EwEB/wQFMAMBAf8wHQYDVR0OBBYEFBVn6eGOPA6F/4xk5H1Ag01eLoOWMAoGCCqG
        SM49BAMCA0gAMEUCIQDHHkRxKzD+xxBFh2GIH1wq4ZK+vbh0yPJj4kFAN5D88wIg
        HC3tSOlWXMBwTql9fV7pa/m++UHeq6qr1fU+vSfS0LQ=
        -----END CERTIFICATE-----
        """ + "\n"

    static let server = """
        -----BEGIN CERTIFICATE-----
        MIIBgDCCASegAwIBAgIBAzAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAgFw0y
        MDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowETEPMA0GA1UEAwwGc2VydmVy
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeNrIv/4bUt3iiM6muEf3v8SiFCY0
        G/bGqD42T06As1w+vWHKvHpjARsb18oPwXVCDIs5r2xHlqUzH1cOwtj+c6NyMHAw
        DwYDVR0RBAgwBocEfwAAATAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIw
        HQYDVR0OBBYEFOI80GoE74QlW+9xGH4XKPmFzhj+MB8GA1UdIwQYMBaAFBVn6eGO
        PA6F/4xk5H1Ag01eLoOWMAoGCCqGSM49BAMCA0cAMEQCID+G5HWAC9wP2f1V6W1a
        Z9KG+goYupJotMRotitQ59r7AiBXrqzw2wZ1cS7XJROvc0NfV4w9fmmz213+33C/
        w1MT9g==
        -----END CERTIFICATE-----
        """ + "\n"

    static let serverKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGZCklS50Q01BEcAj
        Xumu68iA9AMQzUXZHID/WdtK/fWhRANCAAR42si//htS3eKIzqa4R/e/xKIUJjQb
        9saoPjZPToCzXD69Ycq8emMBGxvXyg/BdUIMizmvbEeWpTMfVw7C2P5z
        -----END PRIVATE KEY-----
        """ + "\n"

    static let second = """
        -----BEGIN CERTIFICATE-----
        MIIBgTCCASegAwIBAgIBBDAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAgFw0y
        MDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowETEPMA0GA1UEAwwGc2Vjb25k
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtV7eO0Ux0Bz1/IZA1l5fYvQ2o48S
        7GbfIbjWD9JRUXCAa4JXFFMnyD+z/VVSQ9rCnbI9NVly0KARRrVAAkxX/qNyMHAw
        DwYDVR0RBAgwBocEfwAAATAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIw
        HQYDVR0OBBYEFBYjdspEESvFWaTcY6FfoEYgpeFhMB8GA1UdIwQYMBaAFBVn6eGO
        PA6F/4xk5H1Ag01eLoOWMAoGCCqGSM49BAMCA0gAMEUCIQDD0/nvQJXj1LilUj59
        MbUT7SjYaQlYd8Lz0GTMWiag/QIgCq38KHLMuT6k/LzL78O5ROZ0Y+k5n48NMBaz
        2M5iAU0=
        -----END CERTIFICATE-----
        """ + "\n"

    static let secondKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxDjtcNFnckEjbLo9
        PkaZ6ezQ02N23iHxbQLWtHK2/VChRANCAAS1Xt47RTHQHPX8hkDWXl9i9DajjxLs
        Zt8huNYP0lFRcIBrglcUUyfIP7P9VVJD2sKdsj01WXLQoBFGtUACTFf+
        -----END PRIVATE KEY-----
        """ + "\n"

    static let client = """
        -----BEGIN CERTIFICATE-----
        MIIBgTCCASegAwIBAgIBBTAKBggqhkjOPQQDAjANMQswCQYDVQQDDAJjYTAgFw0y
        MDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowETEPMA0GA1UEAwwGY2xpZW50
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEvnEvbRsNalQ/JFEFNN/uyDraI3l3
        4C212UgoIar+ryDNBZSW57iblES4aut3pTqS6ZYtpKN+blXl4g6fjGu3s6NyMHAw
        DwYDVR0RBAgwBocEfwAAATAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIw
        HQYDVR0OBBYEFBtVLBODmE62aOMuVvBY1d+NCrvLMB8GA1UdIwQYMBaAFBVn6eGO
        PA6F/4xk5H1Ag01eLoOWMAoGCCqGSM49BAMCA0gAMEUCIBXrXIRJNF6YxnZl5mZ6
        hp9Y8S9XhmXS7wP/qxkZMMfTAiEA0Aq1MdIjd3SbN8ogL7CEAmPIoYL3Oy2aj0JN
        xhWbDko=
        -----END CERTIFICATE-----
        """ + "\n"

    static let clientKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQL+BVNAqE67n4L0m
        gYpSTA/xANWD0Lz6BId7kt8jJDKhRANCAAS+cS9tGw1qVD8kUQU03+7IOtojeXfg
        LbXZSCghqv6vIM0FlJbnuJuURLhq63elOpLpli2ko35uVeXiDp+Ma7ez
        -----END PRIVATE KEY-----
        """ + "\n"

    static let stranger = """
        -----BEGIN CERTIFICATE-----
        MIIBhTCCASygAwIBAgIBBjAKBggqhkjOPQQDAjAQMQ4wDAYDVQQDDAVvdGhlcjAg
        Fw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowEzERMA8GA1UEAwwIc3Ry
        YW5nZXIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAS/qQ0U+zVkiOOVrH3A5nlP
        pd+rtjvycyiyyPXY8IgCgMKawKJujuIqYyNiR/qY65Z7MzpnPq92rt5Woc/Sr6Ay
        o3IwcDAPBgNVHREECDAGhwR/AAABMB0GA1UdJQQWMBQGCCsGAQUFBwMBBggrBgEF
        BQcDAjAdBgNVHQ4EFgQU1LI4W2nT1O9AzEHXP+OJ+HBv1IUwHwYDVR0jBBgwFoAU
        BgQa9hzKe0X3bTAKyFhaocdy22owCgYIKoZIzj0EAwIDRwAwRAIgafLrv1llTbRk
        vqQ0nPhhXSlCzwXl6GCZMpuFp1ymWZwCIDk4c73nWPeJKHlZtRBNY7WDsdNfjVdC
        anzBMhUKAvv9
        -----END CERTIFICATE-----
        """ + "\n"

    static let strangerKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgVVN8R+W9J3GS1kWU
        qA/fOhjSl72kCkC0TnZq/rwQohKhRANCAAS/qQ0U+zVkiOOVrH3A5nlPpd+rtjvy
        cyiyyPXY8IgCgMKawKJujuIqYyNiR/qY65Z7MzpnPq92rt5Woc/Sr6Ay
        -----END PRIVATE KEY-----
        """ + "\n"
}
