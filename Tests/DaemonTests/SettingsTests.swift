import HostFacts
import RktCLI
import Testing

@testable import Daemon

@Suite("Settings", .timeLimit(.minutes(10)))
struct SettingsTests {
    @Test("flag wins over environment, environment over file, file over default")
    func precedence() throws {
        let file = try SettingsFile.parse("logLevel: debug\npodSlice: a.slice\ndataDir: /d\n", name: "f.yaml")
        let environment = try SettingsSources.fromEnvironment([
            "RKTLET_LOG_LEVEL": "error", "RKTLET_POD_SLICE": "b.slice",
        ])
        let flags: [SettingKey: SettingValue] = [.logLevel: .init(.text("trace"), origin: "--log-level")]
        let settings = try Settings(layers: [file, environment, flags])
        #expect(settings.logLevel == .trace)
        #expect(settings.podSlice == "b.slice")
        #expect(settings.dataDir == "/d")
        #expect(settings.runDir == "/run/rktlet")
    }

    @Test(
        "every key has one name per source",
        arguments: [
            (SettingKey.cniConfDir, "--cni-conf-dir", "RKTLET_CNI_CONF_DIR"),
            (.cniBinDirs, "--cni-bin-dir", "RKTLET_CNI_BIN_DIRS"),
            (.pinnedImages, "--pinned-image", "RKTLET_PINNED_IMAGES"), (.listen, "--listen", "RKTLET_LISTEN"),
            (.runtimes, "--runtime", "RKTLET_RUNTIMES"),
            (.rktSharedPIDNamespace, "--rkt-shared-pid-namespace", "RKTLET_RKT_SHARED_PID_NAMESPACE"),
            (.rktExecAsRoot, "--rkt-exec-as-root", "RKTLET_RKT_EXEC_AS_ROOT"),
        ])
    func names(key: SettingKey, flag: String, variable: String) {
        #expect(key.flag == flag)
        #expect(key.environmentName == variable)
    }

    @Test("rkt is granted nothing but what is said in so many words")
    func rktGrants() throws {
        #expect(try Settings(layers: []).rkt == RktGrants())
        let settings = try Settings(layers: [
            try SettingsFile.parse("rktSharedPIDNamespace: true\nrktExecAsRoot: false\n", name: "f.yaml")
        ])
        #expect(settings.rkt.sharedPIDNamespace)
        #expect(!settings.rkt.execAsRoot)
        #expect(LiveChecks.sharedPIDNamespace(settings).verdict == .ok)
        #expect(LiveChecks.sharedPIDNamespace(try Settings(layers: [])).remedy.contains("rktSharedPIDNamespace: true"))
        #expect(LiveChecks.execAsRoot(settings).finding.contains("rktExecAsRoot"))
        #expect(LiveChecks.machines("active").verdict == .ok)
        #expect(LiveChecks.machines("inactive").verdict == .failure)
        let error = #expect(throws: SettingsError.self) {
            try Settings(layers: [try SettingsFile.parse("rktExecAsRoot: yes\n", name: "f.yaml")])
        }
        #expect(error?.description == "f.yaml:1: rktExecAsRoot: \"yes\" must be true or false")
    }

    @Test(
        "TCP is beside the gateway's socket, never in its place",
        arguments: [
            ("logLevel: info", ["unix:///run/rktlet/gateway.sock"]), ("gateway: none", []),
            ("gateway: unix:///a.sock", ["unix:///a.sock"]),
            ("gateway: tcp://127.0.0.1:8282", ["unix:///run/rktlet/gateway.sock", "tcp://127.0.0.1:8282"]),
            ("gateway: 'tcp://127.0.0.1:8282,unix:///a.sock'", ["unix:///a.sock", "tcp://127.0.0.1:8282"]),
            (
                "gateway: ['unix:///a.sock', 'tcp://127.0.0.1:8282', 'tcp://[::1]:8282']",
                ["unix:///a.sock", "tcp://127.0.0.1:8282", "tcp://[::1]:8282"]
            ),
        ])
    func gateway(text: String, places: [String]) throws {
        let settings = try Settings(layers: [try SettingsFile.parse(text + "\n", name: "f.yaml")])
        #expect(settings.gateway.all.map(\.description) == places)
        #expect(settings.gateway.hasTCP == places.contains { $0.hasPrefix("tcp://") })
        #expect(settings.gateway.nearest?.description == places.first)
    }

    @Test(
        "a file that is wrong is refused with its line and key",
        arguments: [
            ("dataDir: /a\nlogLevl: debug\n", "f.yaml:2: unknown key \"logLevl\""),
            ("dataDir: /a\ndataDir: /b\n", "f.yaml:2: dataDir is there twice"),
            ("dataDir:\ndataDir: /b\n", "there twice"), ("- a\n", "must be a mapping"),
            ("runtimes: runc=/x\n", "f.yaml:1: runtimes must be a mapping"),
            ("runtimes: [a]\n", "runc: /usr/sbin/runc"),
            ("runtimes:\n  runc: [/x]\n", "plain paths"), ("runtimes: {a=b: /x}\n", "plain names"),
            ("dataDir:\n  a: b\n", "not a mapping"), ("a: [\n", "not valid YAML"),
        ])
    func badFile(text: String, part: String) {
        let error = #expect(throws: SettingsError.self) { try SettingsFile.parse(text, name: "f.yaml") }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test(
        "a value that is wrong is refused naming where it was written",
        arguments: [
            ("listen: /run/x.sock", "unix:///"), ("listen: unix://x.sock", "absolute"), ("logLevel: loud", "\"loud\""),
            ("podSlice: pods", "slice"), ("streamingAddress: localhost", "127.0.0.1:0"),
            ("streamingAddress: localhost:0", "no IP address"), ("streamingAddress: '10.0.0.1:0'", "not on loopback"),
            ("streamingAddress: '0.0.0.0:80'", "not on loopback"), ("streamingAddress: '[::]:80'", "not on loopback"),
            ("streamingAddress: '[::1]:65536'", "must look like"), ("streamingAddress: '::1:80'", "no IP address"),
            ("streamingAddress: '0.0.0.0:80'", "set streamingCertFile and streamingKeyFile"),
            ("streamingCertFile: /a", "set streamingKeyFile"), ("streamingKeyFile: /a", "set streamingCertFile"),
            ("streamingClientCAFile: /a", "set streamingCertFile"), ("streamingKeyFile: a", "absolute path"),
            ("streamingWithoutTLS: yes please", "everybody on the network may listen in"),
            ("dataDir: var/lib", "absolute path"), ("dataDir: /a/../b", "absolute path"),
            ("cniBinDirs: []", "at least one"), ("gateway: tcp://localhost:8282", "write tcp://127.0.0.1:8282"),
            ("gateway: tcp://127.0.0.1:0", "from 1 to 65535"), ("gateway: 'tcp://[::1]:0'", "from 1 to 65535"),
            ("gateway: tcp://127.0.0.1:65536", "PORT"), ("gateway: tcp://0.0.0.0:1", "not on loopback"),
            ("logLevel: [a]", "not a list"), ("gateway: [none, 'unix:///a']", "together"),
            ("gateway: 'unix:///a,unix:///b'", "one Unix socket"), ("gateway: []", "must name"),
            ("gateway: 'tcp://127.0.0.1:1,tcp://127.0.0.1:1'", "twice"),
            ("gateway: 'tcp://10.0.0.1:1'", "not on loopback"),
            ("gateway: 'unix:///a,'", "must be unix:///path"),
            ("pinnedImages: [Busybox]", "f.yaml:1: pinnedImages: image reference \"Busybox\""),
            ("pinnedImages: ['busybox:*']", "docker.io/library/busybox:*"),
            ("pinnedImages: ['*/[ab]:1']", "pinnedImages: image pattern"),
            ("runtimes: {runc: runc}", "runtimes: runc: \"runc\" must be an absolute path"),
            ("runtimes: {runc: /a/../b}", "absolute path"), ("runtimes: {Runc: /runc}", "\"Runc\" must be the name"),
            ("runtimes: {-a: /runc}", "name of a handler"), ("runtimes: {'': /runc}", "name of a handler"),
        ])
    func badValue(text: String, part: String) throws {
        let layer = try SettingsFile.parse(text + "\n", name: "f.yaml")
        let error = #expect(throws: SettingsError.self) { try Settings(layers: [layer]) }
        #expect(error?.description.hasPrefix("f.yaml:1: ") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test("with TLS, sessions may be served beyond loopback")
    func streamingTLS() throws {
        let text = "streamingAddress: 0.0.0.0:10010\nstreamingCertFile: /c\nstreamingKeyFile: /k\n"
        let settings = try Settings(layers: [try SettingsFile.parse(text, name: "f.yaml")])
        #expect(settings.streamingTLS == .init(certificate: "/c", key: "/k", clientCA: nil))
        let flag: [SettingKey: SettingValue] = [.streamingClientCAFile: .init(.text("/ca"), origin: "--x")]
        let both = try Settings(layers: [try SettingsFile.parse(text, name: "f.yaml"), flag])
        #expect(both.streamingTLS?.clientCA == "/ca")
        #expect(SettingKey.streamingClientCAFile.flag == "--streaming-client-ca-file")
        #expect(SettingKey.streamingClientCAFile.environmentName == "RKTLET_STREAMING_CLIENT_CA_FILE")
    }

    @Test("runtimes are a mapping in the file, and pairs elsewhere")
    func runtimes() throws {
        let file = try SettingsFile.parse("runtimes:\n  runc: /usr/sbin/runc\n  default: /x\n", name: "f.yaml")
        #expect(try Settings(layers: [file]).runtimes == ["runc": "/usr/sbin/runc", "default": "/x"])
        let environment = try SettingsSources.fromEnvironment(["RKTLET_RUNTIMES": "a=/a,b-2=/b=c"])
        #expect(try Settings(layers: [file, environment]).runtimes == ["a": "/a", "b-2": "/b=c"])
        for (text, part) in [("a", "NAME=PATH"), ("a=/a,a=/b", "a is there twice"), ("a=b", "absolute path")] {
            let flag: [SettingKey: SettingValue] = [.runtimes: .init(.text(text), origin: "--runtime")]
            let error = #expect(throws: SettingsError.self) { try Settings(layers: [flag]) }
            #expect(error?.description.hasPrefix("--runtime: runtimes: ") == true)
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
    }

    @Test("a variable that is no setting is refused by the daemon, and nobody's business for commands")
    func foreignVariables() throws {
        let environment = ["RKTLET_PYTHON": "/usr/bin/python3", "RKTLET_LOG_LEVEL": "debug"]
        #expect(throws: SettingsError.self) { try SettingsSources.fromEnvironment(environment) }
        let read = try SettingsSources.fromEnvironment(environment, refusingUnknown: false)
        #expect(read.keys.sorted { $0.rawValue < $1.rawValue } == [.logLevel])
    }

    @Test("directories are a list or one text with commas")
    func lists() throws {
        let list = try Settings(layers: [SettingsFile.parse("cniBinDirs: [/a, /b]\n", name: "f")])
        let text = try Settings(layers: [[.cniBinDirs: .init(.text("/a,/b"), origin: "--cni-bin-dir")]])
        #expect(list.cniBinDirs == ["/a", "/b"])
        #expect(text.cniBinDirs == list.cniBinDirs)
    }

    @Test("only proxies that are set reach the registries' client")
    func proxies() throws {
        let settings = try Settings(layers: [SettingsFile.parse("httpsProxy: http://p:3128\n", name: "f")])
        #expect(settings.proxy == ["HTTPS_PROXY": "http://p:3128"])
    }

    @Test("a variable that names no setting is refused by its name; RKTLET_CONFIG names the file")
    func environment() throws {
        let error = #expect(throws: SettingsError.self) {
            try SettingsSources.fromEnvironment(["RKTLET_LOGLEVEL": "debug", "PATH": "/bin"])
        }
        #expect(error?.description.hasPrefix("RKTLET_LOGLEVEL: unknown variable") == true)
        #expect(try SettingsSources.fromEnvironment(["RKTLET_CONFIG": "/f", "PATH": "/bin"]).isEmpty)
        let missing = #expect(throws: SettingsError.self) {
            try SettingsSources.load(file: nil, environment: ["RKTLET_CONFIG": "/nonexistent.yaml"], flags: [:])
        }
        #expect(missing?.description.hasPrefix("/nonexistent.yaml: ") == true)
    }

    @Test("a key without a value says nothing", arguments: ["dataDir:", "dataDir: ~", "dataDir: null"])
    func null(text: String) throws {
        let settings = try Settings(layers: [SettingsFile.parse(text + "\n", name: "f.yaml")])
        #expect(settings.dataDir == "/var/lib/rktlet")
    }

    @Test("a quoted null is a text")
    func quotedNull() throws {
        #expect(try SettingsFile.parse("dataDir: 'null'\n", name: "f")[.dataDir]?.content == .text("null"))
    }
}
