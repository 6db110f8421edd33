import Domain
import JSON
import Testing

@testable import RktCLI

private let digest = "sha256:" + String(repeating: "a", count: 64)

@Suite("Image references and credentials", .timeLimit(.minutes(10)))
struct ImageReferenceTests {
    @Test(
        "are completed as Docker does",
        arguments: [
            ("busybox", "docker.io/library/busybox:latest"), ("busybox:1.35", "docker.io/library/busybox:1.35"),
            ("me/app", "docker.io/me/app:latest"), ("docker.io/busybox", "docker.io/library/busybox:latest"),
            ("index.docker.io/me/app", "docker.io/me/app:latest"), ("localhost/app", "localhost/app:latest"),
            ("localhost:5000/app:v1", "localhost:5000/app:v1"),
            ("registry.k8s.io/pause:3.9", "registry.k8s.io/pause:3.9"),
            ("a.b/c__d/e-f--g.h", "a.b/c__d/e-f--g.h:latest"),
            ("busybox@\(digest)", "docker.io/library/busybox@\(digest)"),
            ("r.io/a:t@\(digest)", "r.io/a:t@\(digest)"), ("[::1]:5000/a", "[::1]:5000/a:latest"),
            ("[::ffff:1.2.3.4]/a", "[::ffff:1.2.3.4]/a:latest"),
            ("UPPER/app", "UPPER/app:latest"),
        ])
    func normalises(text: String, expected: String) throws {
        #expect(try ImageReference(text).description == expected)
        #expect(try ImageReference(expected).description == expected)
    }

    @Test(
        "that are none are refused",
        arguments: [
            "", "Busybox", "a//b", "a/", "/a", "a:", "a:-x", "a@sha256:12", "a@", "-a", "a_", "a..b", "a___b", "a b",
            "a:b c",
            "r.io:99999/a", "r.io:0/a", "r.io:0000/a", "r.io:+80/a", "r.io:000080/a", "r.io:/a", "-r.io/a",
            "docker://a", "a\u{0}b", "é", "https://r.io/a", "r.io/",
            "a.b/" + String(repeating: "c", count: 300),
        ])
    func refuses(text: String) {
        let error = #expect(throws: DomainError.self) { try ImageReference(text) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("with a tag and a digest, the digest is what is asked for")
    func source() throws {
        #expect(try ImageReference("r.io/a:t@\(digest)").source == "r.io/a@\(digest)")
        #expect(try ImageReference("r.io/a").source == "r.io/a:latest")
    }

    @Test("ids are told from references")
    func ids() {
        #expect(ImageReference.isImageID(digest))
        #expect(ImageReference.isImageID(String(repeating: "0", count: 64)))
        #expect(ImageReference.isImageID("sha512-" + String(repeating: "0", count: 64)))
        #expect(!ImageReference.isImageID("busybox"))
        #expect(!ImageReference.isImageID("sha256:abc"))
    }

    @Test("a user of an image is a number or a name")
    func users() {
        #expect(ImageUser("1000:1000") == ImageUser("1000"))
        #expect(ImageUser("1000").uid == 1000)
        #expect(ImageUser("nobody:nogroup").name == "nobody")
        #expect(ImageUser("").uid == nil)
        #expect(ImageUser("").name == "")
    }

    @Test(
        "the kubelet is told the id or the name that a container of the image gets",
        arguments: [
            ("", nil, ""), (":50", nil, ""), ("0", 0, ""), ("00", 0, ""), ("0001000", 1000, ""), ("1000:", 1000, ""),
            ("1000:2000", 1000, ""), ("4294967294", 4_294_967_294, ""), ("4294967294:x", 4_294_967_294, ""),
            ("4294967295", nil, "4294967295"), ("4294967296", nil, "4294967296"),
            ("18446744073709551616", nil, "18446744073709551616"), ("root", nil, "root"), ("+1", nil, "+1"),
            ("-1", nil, "-1"), ("-0", nil, "-0"), ("+0:1", nil, "+0"), (" 0", nil, " 0"), ("0 ", nil, "0 "),
            ("\u{660}", nil, "\u{660}"), ("１０００", nil, "１０００"), ("0x0", nil, "0x0"), ("0\u{301}", nil, "0\u{301}"),
            ("1000:\u{301}", 1000, ""), ("a\u{301}:b", nil, "a\u{301}"), ("0\r\n", nil, "0\r\n"),
        ] as [(String, Int64?, String)])
    func toldUsers(text: String, uid: Int64?, name: String) {
        let user = ImageUser(text)
        #expect(user.uid == uid && Array(user.name.utf8) == Array(name.utf8), "\(text): \(user)")
    }

    // MARK: Credentials

    private func entry(_ reference: String, _ credentials: RegistryCredentials) throws -> JSON? {
        guard let text = try RegistryAuthFile.text(for: try ImageReference(reference), credentials) else { return nil }
        return try JSON(parsing: text)["auths"]
    }

    @Test("user and password, auth, and an identity token become an entry of the image's registry")
    func entries() throws {
        let plain = RegistryCredentials(username: "u", password: Secret("p:w"))
        #expect(try entry("r.io/a", plain) == ["r.io": ["auth": .string(JSONBytes.encode(Array("u:p:w".utf8)))]])
        let encoded = RegistryCredentials(auth: Secret(JSONBytes.encode(Array("u:p".utf8))))
        #expect(try entry("busybox", encoded) == ["docker.io": ["auth": "dTpw"]])
        let unpadded = RegistryCredentials(auth: Secret("dTpwdw"))
        #expect(try entry("busybox", unpadded) == ["docker.io": ["auth": "dTpwdw=="]])
        let token = RegistryCredentials(identityToken: Secret("t"))
        #expect(try entry("r.io/a", token)?["r.io"]?["identitytoken"] == "t")
        #expect(try entry("r.io/a", RegistryCredentials()) == nil)
    }

    @Test("credentials of another server are not sent")
    func otherServer() throws {
        func credentials(_ server: String) -> RegistryCredentials {
            RegistryCredentials(username: "u", password: Secret("p"), serverAddress: server)
        }
        #expect(try entry("r.io/a", credentials("https://other.io/v1/")) == nil)
        #expect(try entry("r.io/a", credentials("https://r.io/v1/")) != nil)
        #expect(try entry("busybox", credentials("https://index.docker.io/v1/")) != nil)
    }

    @Test("a registry token and malformed auth are refused by field, without the secret")
    func refusesCredentials() {
        for (credentials, field) in [
            (RegistryCredentials(registryToken: Secret("hush")), "auth.registry_token"),
            (RegistryCredentials(auth: Secret("hush!")), "auth.auth"),
            (RegistryCredentials(username: "u:v", password: Secret("hush")), "auth.username"),
        ] {
            let error = #expect(throws: DomainError.self) { try entry("r.io/a", credentials) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.contains(field) == true)
            #expect(error?.message.contains("hush") == false)
        }
    }
}
