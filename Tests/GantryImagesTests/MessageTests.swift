import GantryCore
import Testing

@testable import GantryImages

@Suite("What skopeo says")
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

    @Test("needs an auth file that can be read", arguments: ["/nowhere/auth.json", "relative.json", "/etc/passwd"])
    func refusesBadAuthFiles(_ path: String) {
        #expect(throws: EngineError.self) { try Redaction(authFile: path) }
    }
}
