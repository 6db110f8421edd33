import Testing

@testable import Daemon

@Suite("Settings that change while the daemon runs", .timeLimit(.minutes(10)))
struct LiveSettingsTests {
    private func settings(_ text: String) throws -> Settings {
        try Settings(layers: [try SettingsFile.parse(text, name: "f.yaml")])
    }

    @Test("what can change is taken, the rest needs a restart and stays what it was, also after the next reading")
    func take() throws {
        let live = LiveSettings(try settings("logLevel: info\nlisten: unix:///a\n"))
        let new = try settings(
            """
            logLevel: debug
            listen: unix:///b
            cniConfDir: /n
            cniBinDirs: [/p]
            httpsProxy: http://me:secret@p:1
            pinnedImages: [busybox]
            runtimes: {runc: /r}
            """)
        #expect(
            live.take(new)
                == .init(
                    taken: [.cniConfDir, .cniBinDirs, .logLevel, .httpsProxy, .pinnedImages, .runtimes],
                    needRestart: [.listen]))
        #expect(live.current.logLevel == .debug)
        #expect(live.current.cniConfDir == "/n")
        #expect(live.current.cniBinDirs == ["/p"])
        #expect(live.current.proxy == ["HTTPS_PROXY": "http://me:secret@p:1"])
        #expect(!live.current.pinnedImages.isEmpty)
        #expect(live.current.runtimes == ["runc": "/r"])
        #expect(live.current.socketPath == "/a")
        #expect(live.take(new) == .init(needRestart: [.listen]))
    }

    @Test("every setting is seen to differ, and what is live is what is taken", arguments: SettingKey.allCases)
    func everyKey(key: SettingKey) throws {
        let values: [SettingKey: String] = [
            .listen: "unix:///b", .logLevel: "debug", .streamingAddress: "127.0.0.1:9", .podSlice: "b.slice",
            .gateway: "none", .pinnedImages: "busybox",
            .streamingWithoutTLS: "everybody on the network may listen in", .rktSharedPIDNamespace: "true",
            .rktExecAsRoot: "true",
        ]
        let value = key == .runtimes ? "{runc: /b}" : "'\(values[key] ?? "/b")'"
        // A certificate and its key belong together.
        let tls = "streamingCertFile: /a\nstreamingKeyFile: /a\n"
        let isOfTLS = [.streamingCertFile, .streamingKeyFile, .streamingClientCAFile].contains(key)
        let before = try SettingsFile.parse(isOfTLS ? tls : "", name: "f.yaml")
        let change = try SettingsFile.parse("\(key.rawValue): \(value)\n", name: "g.yaml")
        let new = try Settings(layers: [before, change])
        let live = LiveSettings(try Settings(layers: [before]))
        let outcome = live.take(new)
        #expect(outcome.taken.contains(key) == key.isLive)
        #expect(outcome.needRestart.contains(key) != key.isLive)
        #expect((live.current == new) == key.isLive)
    }
}
