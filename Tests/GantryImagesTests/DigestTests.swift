import Testing

@testable import GantryImages

@Suite("Digests", .timeLimit(.minutes(10)))
struct DigestTests {
    @Test(
        "are those of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func matchesTheStandard(_ text: String, _ expected: String) {
        #expect(SHA256.digest(of: Array(text.utf8)).hex == expected)
    }

    @Test("of a million letters, in pieces of any size, are the same", arguments: [1000, 63, 64, 65, 1])
    func isIndependentOfPieces(_ size: Int) {
        var hash = SHA256()
        var left = 1_000_000
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: size)
        while left > 0 {
            piece.withUnsafeBytes { hash.update(UnsafeRawBufferPointer(rebasing: $0[..<min(size, left)])) }
            left -= min(size, left)
        }
        #expect(hash.finish().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(
        "are refused in any other form",
        arguments: [
            "", "sha256:", "sha256:zz", "sha512:" + String(repeating: "a", count: 128),
            "SHA256:" + String(repeating: "a", count: 64), "sha256:" + String(repeating: "A", count: 64),
            "sha256:" + String(repeating: "a", count: 63),
        ])
    func refuses(_ text: String) {
        #expect(Digest(text) == nil)
    }
}

@Suite("Base64", .timeLimit(.minutes(10)))
struct Base64Tests {
    @Test(
        "is that of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func matchesTheStandard(_ text: String, _ encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test("decodes what it encoded")
    func roundTrips() {
        let bytes = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.decode("Zm9*") == nil)
    }
}
