import Domain
import Glibc
import Testing

@testable import HostFacts

@Suite("AppArmor's profile for containers", .timeLimit(.minutes(10)))
struct AppArmorTests {
    /// A made-up host: its files, and a parser that does what a script says.
    private struct Host {
        let directory: TemporaryDirectory
        var places = AppArmor.Places()

        init(enabled: String? = "Y\n", profiles: String? = "", source: String? = nil, parser: String? = nil) throws {
            directory = try TemporaryDirectory()
            places.enabled = directory.path + "/enabled"
            places.profiles = directory.path + "/profiles"
            places.source = directory.path + "/source"
            places.parser = parser == nil ? nil : directory.path + "/parser"
            if let enabled { try directory.write("enabled", enabled) }
            if let profiles { try directory.write("profiles", profiles) }
            if let source { try directory.write("source", source) }
            if let parser {
                try directory.write("parser", "#!/bin/sh\ncd \(directory.path)\n\(parser)\n", mode: 0o700)
            }
        }

        var armor: AppArmor { AppArmor(places: places) }
    }

    private static let loads = #"echo "$@" > arguments; cat > read; echo 'rktlet-default (enforce)' >> profiles"#

    @Test("is loaded from the file that is installed")
    func installed() async throws {
        let host = try Host(profiles: "other (enforce)\n", source: "profile", parser: Self.loads)
        let armor = host.armor
        #expect(await armor.load() == .done)
        #expect(armor.state() == .loaded("rktlet-default"))
        #expect(host.directory.text("arguments") == "--replace \(host.places.source)\n")
        #expect(host.directory.text("read") == "")
        #expect(await armor.advisories().isEmpty)
        #expect(HostChecks.appArmor(armor).verdict == .ok)
    }

    @Test("is loaded from the program itself where none is installed")
    func builtIn() async throws {
        let host = try Host(parser: Self.loads)
        #expect(await host.armor.load() == .done)
        #expect(host.directory.text("arguments") == "--replace\n")
        let text = try #require(host.directory.text("read"))
        #expect(text == Self.deployed())
        #expect(text.contains("profile rktlet-default"))
    }

    private static func deployed() -> String? {
        let path = "\(#filePath)".split(separator: "/").dropLast(3).joined(separator: "/")
        guard let file = fopen("/\(path)/deploy/apparmor/rktlet-default", "re") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    @Test(
        "is left alone where it is loaded, and where the kernel has no AppArmor",
        arguments: [
            ("Y\n", "rktlet-default (complain)\n"), ("Y\n", "a b (enforce)\ncri-containerd.apparmor.d (enforce)\n"),
            ("N\n", ""), (nil, nil),
        ])
    func nothingToDo(enabled: String?, profiles: String?) async throws {
        let host = try Host(enabled: enabled, profiles: profiles, parser: "touch ran")
        #expect(await host.armor.load() == nil)
        #expect(!host.directory.exists("ran"))
        #expect(await host.armor.advisories().isEmpty)
        #expect(HostChecks.appArmor(host.armor).verdict == .ok)
    }

    @Test(
        "that cannot be loaded is a condition and a warning, with the cause and what to do",
        arguments: [
            ("echo 'syntax error in line 3' >&2; exit 1", "syntax error in line 3"),
            ("exit 0", "the kernel does not list it"),
            (nil, "apt-get install apparmor"), ("kill -9 $$", "apparmor_parser failed"),
        ])
    func failing(parser: String?, cause: String) async throws {
        let host = try Host(profiles: "rktlet-default-2 (enforce)\n", source: "profile", parser: parser)
        let armor = host.armor
        guard case .failed(let said) = await armor.load() else {
            Issue.record("loaded")
            return
        }
        #expect(said.contains(cause), "\(said)")
        let advisory = try #require(await armor.advisories().first)
        #expect(advisory.type == "AppArmorReady" && !advisory.status && advisory.reason == "AppArmorProfileNotLoaded")
        for word in [cause, "unconfined", "refused", "apparmor_parser --replace \(host.places.source)"] {
            #expect(advisory.message.contains(word), "\(word) in \(advisory.message)")
        }
        let check = HostChecks.appArmor(armor)
        #expect(check.verdict == .warning && check.remedy.contains("systemctl restart rktlet"))
    }

    @Test("of a kernel whose list cannot be read is a condition of its own, and none is loaded")
    func unreadable() async throws {
        let host = try Host(profiles: nil, parser: "touch ran")
        #expect(await host.armor.load() == nil)
        #expect(!host.directory.exists("ran"))
        #expect(try #require(await host.armor.advisories().first).message.contains("mount -t securityfs"))
    }

    @Test("is given up on when the parser hangs")
    func hanging() async throws {
        let host = try Host(parser: "exec sleep 1000")
        guard case .failed(let said) = await host.armor.load(within: .milliseconds(200)) else {
            Issue.record("loaded")
            return
        }
        #expect(said.contains("parser"), "\(said)")
    }
}
