import Glibc
import Testing

@testable import Daemon
@testable import Gateway

@Suite("Token files", .timeLimit(.minutes(10)))
struct TokenFileTests {
    /// A directory of its own, gone afterwards.
    private func inDirectory(_ body: (String) throws -> Void) throws {
        var name = Array("/tmp/rktlet-token.XXXXXX".utf8CString)
        let path = try #require(mkdtemp(&name).map { String(cString: $0) })
        defer {
            for file in ["gateway", "metrics"] { unlink(path + "/" + file) }
            rmdir(path)
        }
        try body(path)
    }

    private func settings(_ directory: String, metrics: String = "metrics") throws -> Settings {
        try Settings(layers: [
            [
                .gatewayTokenFile: .init(.text(directory + "/gateway"), origin: "test"),
                .metricsTokenFile: .init(.text(directory + "/" + metrics), origin: "test"),
            ]
        ])
    }

    private func write(_ text: String, to path: String, mode: mode_t = 0o600) throws {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
        chmod(path, mode)
    }

    @Test("two that differ are made, for root alone, and found again")
    func made() throws {
        try inDirectory { directory in
            guard case .loopback(let token, let metricsToken?) = try TokenFile.access(try settings(directory)) else {
                Issue.record("no tokens")
                return
            }
            #expect(token.utf8.count == 64 && metricsToken.utf8.count == 64 && token != metricsToken)
            for file in ["gateway", "metrics"] {
                var status = stat()
                #expect(lstat(directory + "/" + file, &status) == 0 && status.st_mode & 0o777 == 0o600)
            }
            #expect(try TokenFile(.gatewayTokenFile, at: directory + "/gateway").made() == token)
        }
    }

    @Test("the scrapers' is beside the other, unless it is named")
    func beside() throws {
        let usual = try Settings(layers: [])
        #expect(usual.metricsTokenFile == "/var/lib/rktlet/metrics.token")
        let other = try Settings(layers: [[.gatewayTokenFile: .init(.text("/a/b/token"), origin: "test")]])
        #expect(other.metricsTokenFile == "/a/b/metrics.token")
        let error = #expect(throws: SettingsError.self) {
            try Settings(layers: [[.metricsTokenFile: .init(.text("a"), origin: "test")]])
        }
        #expect(error?.description.contains("metricsTokenFile") == true)
    }

    @Test("the scrapers' may not be the one that opens everything")
    func same() throws {
        try inDirectory { directory in
            let error = #expect(throws: StartError.self) {
                try TokenFile.access(try settings(directory, metrics: "gateway"))
            }
            #expect(error?.description.hasPrefix("metricsTokenFile \(directory)/gateway: ") == true)
        }
    }

    @Test("one that others can read, or that is too short, is refused by its setting's name")
    func refused() throws {
        try inDirectory { directory in
            try write("0123456789abcdef\n", to: directory + "/metrics", mode: 0o644)
            var error = #expect(throws: StartError.self) { try TokenFile.access(try settings(directory)) }
            #expect(
                error?.description.contains("metricsTokenFile") == true && error?.description.contains("others") == true
            )
            try write("0123456789\u{301}\r\nabcdef\n", to: directory + "/metrics")
            error = #expect(throws: StartError.self) { try TokenFile.access(try settings(directory)) }
            #expect(error?.description.contains("printable") == true)
        }
    }
}
