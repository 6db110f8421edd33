import Glibc
import Testing

@testable import Daemon

@Suite("The doctor's look at the daemon and its tokens", .timeLimit(.minutes(10)))
struct DaemonCheckTests {
    @Test(
        "it tells of a service that does not run, and of one that does not answer",
        arguments: [
            ("active", true, "ok", "runs and answers"), ("active", false, "warning", "nobody answers"),
            ("failed", false, "warning", "has failed"),
            ("inactive", false, "warning", "is inactive"), ("inactive", true, "ok", "somebody answers"),
            (nil, false, "warning", "nobody answers"),
            (nil, true, "ok", "somebody answers"),
        ] as [(String?, Bool, String, String)])
    func service(_ state: String?, _ answers: Bool, _ verdict: String, _ finding: String) {
        let check = LiveChecks.service(state, answers: answers, on: "/run/rktlet/rktlet.sock")
        #expect(check.verdict.rawValue == verdict && check.finding.contains(finding), "\(check.finding)")
        #expect(check.remedy.isEmpty == (verdict == "ok"))
    }

    @Test(
        "it tells of a token that is not there, that others can read, that is too short, and of none where nobody needs one"
    )
    func tokens() throws {
        var template = Array("/tmp/rktlet-tokens-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        let path = directory + "/gateway"
        defer {
            unlink(path)
            rmdir(directory)
        }
        var settings = try Settings(layers: [])
        #expect(LiveChecks.tokens(settings).isEmpty)
        settings.gateway = try GatewayAddresses(["tcp://127.0.0.1:8282"])
        settings.gatewayTokenFile = path
        settings.metricsTokenFile = directory + "/none"
        func told(_ text: String, mode: mode_t) throws -> String {
            unlink(path)
            let file = try #require(fopen(path, "w"))
            fputs(text, file)
            fclose(file)
            chmod(path, mode)
            let checks = LiveChecks.tokens(settings)
            #expect(checks.count == 2 && checks[1].finding.contains("is not there"))
            return "\(checks[0].verdict): \(checks[0].finding)"
        }
        #expect(
            LiveChecks.tokens(settings).allSatisfy { $0.verdict == .warning && $0.finding.contains("is not there") })
        #expect(try told("0123456789abcdef\n", mode: 0o600).hasPrefix("ok: "))
        #expect(try told("0123456789abcdef\n", mode: 0o640).contains("others can read it"))
        let short = try told("hush\n", mode: 0o600)
        #expect(short.contains("16 or more") && !short.contains("hush"))
    }
}
