import GantryCore
import Testing

@testable import GantryImages

@Suite("What skopeo says", .timeLimit(.minutes(10)))
struct MessageTests {
    @Test("is passed on without its log format")
    func unwraps() {
        let line =
            #"time="2026-11-23T23:22:52Z" level=fatal msg="Error parsing image name \"docker://x\": denied\nagain""#
        #expect(
            SkopeoMessage.text(in: "Getting image\n" + line + "\n")
                == "Error parsing image name \"docker://x\": denied again")
        #expect(SkopeoMessage.text(in: "plain words\n") == "plain words")
        #expect(SkopeoMessage.text(in: "").isEmpty == false)
        #expect(SkopeoMessage.text(in: String(repeating: "x", count: 100_000)).count <= SkopeoMessage.maximumLength)
    }

    @Test("has no orders for a terminal, whatever a registry put into it")
    func controls() {
        let text = "unknown: \u{1b}[31mred\u{7}\r\nbelow\u{202e}é"
        #expect(SkopeoMessage.shortened(text) == "unknown:  [31mred   below é")
    }

    @Test(
        "tells what to do about it",
        arguments: [
            ("reading manifest latest in x.io/a: unauthorized: authentication required", .unauthorized),
            (
                "initializing source docker://x/a:1: reading manifest 1 in x/a: manifest unknown: manifest unknown",
                .notFound
            ),
            ("reading manifest 1 in x/a: name unknown: repository name not known to registry", .notFound),
            ("reading manifest latest in docker.io/x/y: requested access to the resource is denied", .unauthorized),
            ("denied: requested access to the resource is denied", .unauthorized),
            ("Requesting bear token: invalid status code from registry 403 (Forbidden)", .unauthorized),
            ("unable to retrieve auth token: invalid username/password: unauthorized: no", .unauthorized),
            ("writing blob: Digest did not match, expected sha256:aa, got sha256:bb", .invalid),
            ("Source image rejected: Running image docker://x is rejected by policy.", .signatureInvalid),
            ("Source image rejected: A signature was required, but no signature exists", .signatureInvalid),
            (
                "pinging container registry x: Get \"https://x/v2/\": dial tcp 127.0.0.1:1: connect: connection refused",
                .unavailable
            ),
            ("received unexpected HTTP status: 500 Internal Server Error", .unavailable),
            ("reading manifest: toomanyrequests: slow down", .unavailable),
            ("open /root/x: permission denied", .internal),
            ("writing blob: write /x: no space left on device", .exhausted),
            (
                "initializing image from source docker://x: unsupported docker v2s2 media type: \"application/vnd.docker.image.rootfs.diff.tar.zstd\"",
                .unsupported
            ),
            (
                "copying system image from manifest list: Unexpectedly received a manifest list instead of a manifest for a single image",
                .unsupported
            ),
            (
                "choosing an image from manifest list docker://x: no image found in image index for architecture amd64, variant \"\", OS linux",
                .unsupported
            ),
            ("Error loading trust policy: open /etc/containers/policy.json: no such file or directory", .internal),
            (
                "Error loading trust policy: invalid policy in \"/etc/containers/policy.json\": Duplicate key \"default\"",
                .internal
            ),
            (
                "Error loading trust policy: invalid policy in \"/etc/containers/policy.json\": unexpected end of JSON input",
                .internal
            ),
            ("something new", .unavailable),
        ] as [(String, EngineError.Code)])
    func classifies(_ text: String, _ code: EngineError.Code) {
        #expect(SkopeoMessage.code(of: text, isRemote: true) == code)
    }

    @Test("loses user and password of URLs")
    func hidesUserInfo() {
        let text = Redaction().apply(to: "Get \"https://me:secret@proxy:3128/v2/\": and http://host/a@b, mail me@x")
        #expect(text == "Get \"https://***@proxy:3128/v2/\": and http://host/a@b, mail me@x")
    }

    @Test("loses whatever the auth file holds")
    func hidesCredentials() throws {
        try withTemporaryDirectory { directory in
            let document =
                #"{"auths":{"r.io":{"auth":"\#(Base64.encode(Array("me:hunter22".utf8)))","identitytoken":"tok-en"}}}"#
            try directory.replace("auth.json", with: Array(document.utf8))
            let redaction = try Redaction(authFile: "\(directory.path)/auth.json")
            let text = redaction.apply(
                to: "hunter22 me:hunter22 tok-en \(Base64.encode(Array("me:hunter22".utf8))) rest")
            #expect(text == "*** *** *** *** rest")
        }
    }

    @Test("needs an auth file that skopeo understands all of")
    func refusesRegistryTokens() throws {
        try withTemporaryDirectory { directory in
            try directory.replace("auth.json", with: Array(#"{"auths":{"r.io":{"registrytoken":"tok-en"}}}"#.utf8))
            let error = #expect(throws: EngineError.self) { try Redaction(authFile: "\(directory.path)/auth.json") }
            #expect(error?.code == .unsupported && error?.message.contains("tok-en") == false)
        }
    }

    @Test("needs an auth file that can be read", arguments: ["/nowhere/auth.json", "relative.json", "/etc/passwd"])
    func refusesBadAuthFiles(_ path: String) {
        #expect(throws: EngineError.self) { try Redaction(authFile: path) }
    }
}
