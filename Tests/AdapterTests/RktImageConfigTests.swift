import Domain
import JSON
import Testing

@testable import RktCLI

@Suite("An image's own configuration on rkt", .timeLimit(.minutes(5)))
struct RktImageConfigTests {
    private let words = RktWords(version: "1.30.0")

    /// As rkt 1.30.0 prints it (`image cat-manifest`) of an image of a registry.
    private static let manifest = #"""
        {"acKind":"ImageManifest","acVersion":"0.8.11","name":"example.com/web","labels":[{"name":"os","value":"linux"}],
        "app":{"exec":["/entry","-x","serve"],"user":"1000","group":"1000","environment":[{"name":"PATH","value":"/bin"},
        {"name":"A","value":"1"}],"workingDirectory":"/srv"},
        "annotations":[{"name":"created","value":"2026"},{"name":"appc.io/docker/entrypoint","value":"[\"/entry\",\"-x\"]"},
        {"name":"appc.io/docker/cmd","value":"[\"serve\"]"}]}
        """#

    private func image(_ change: (inout RktImageConfig) -> Void = { _ in }) throws -> RktImageConfig {
        var image = RktImageConfig(manifest: try JSON(parsing: Self.manifest))
        change(&image)
        return image
    }

    private func flags(
        _ command: [String], _ args: [String], _ image: RktImageConfig
    ) throws(DomainError) -> [String] {
        var config = Samples.plainContainer
        (config.command, config.args) = (command, args)
        return try words.command(config, image: image)
    }

    private func arguments(
        _ image: RktImageConfig, _ change: (inout ContainerConfig) -> Void = { _ in }
    ) throws(DomainError) -> [String] {
        var config = Samples.plainContainer
        change(&config)
        return try RktAppArguments.arguments(
            Samples.newContainer(config), image: image, uuid: EngineUUID(PlainRktShapes.uuid)!, words: words,
            grants: RktGrants())
    }

    private func refusal(_ image: RktImageConfig, _ change: (inout ContainerConfig) -> Void = { _ in }) -> String {
        do throws(DomainError) {
            _ = try arguments(image, change)
            return ""
        } catch {
            #expect(error.code == .invalidArgument)
            return error.message
        }
    }

    @Test("command and arguments take the place of the image's as the CRI says, all of it said to rkt")
    func command() throws {
        let image = try image()
        #expect(try flags([], [], image) == ["--exec=/entry", "--", "-x", "serve", "---"])
        #expect(try flags([], ["a"], image) == ["--exec=/entry", "--", "-x", "a", "---"])
        #expect(try flags(["b"], [], image) == ["--exec=b"])
        #expect(try flags(["b"], ["a"], image) == ["--exec=b", "--", "a", "---"])
        var plain = image
        plain.entrypoint = []
        #expect(try flags([], [], plain) == ["--exec=serve"])
        #expect(try flags([], ["a"], plain) == ["--exec=a"])
        let own = RktImageConfig(manifest: try JSON(parsing: #"{"app":{"exec":["/bin/x","y"]}}"#))
        #expect(try flags([], [], own) == ["--exec=/bin/x", "--", "y", "---"])
        let error = #expect(throws: DomainError.self) { try flags([], [], RktImageConfig()) }
        #expect(error?.message.contains("names a program") == true)
    }

    @Test("an image's words arrive as they are, or the image is refused by what would not")
    func arriving() throws {
        #expect(try flags([], [], image { $0.command = ["%n"] }) == ["--exec=/entry", "--", "-x", "%%n", "---"])
        #expect(
            refusal(try image { $0.command = ["", "a"] }) { ($0.command, $0.args) = ([], []) }
                .hasPrefix("config.image.image: its cmd[0]: "))
        #expect(
            refusal(try image { $0.entrypoint = ["/a%b"] }) { ($0.command, $0.args) = ([], []) }
                .hasPrefix("config.image.image: its entrypoint[0]: "))
        for value in ["a\\b", "a\nB=1", " a", "\"a\""] {
            let image = try image { $0.environment = [EnvironmentVariable(name: "B", value: value)] }
            #expect(refusal(image).hasPrefix("config.image.image: its variable B"))
            #expect(refusal(image) { $0.environment = [EnvironmentVariable(name: "B", value: "b")] }.isEmpty)
        }
        #expect(
            refusal(try image { $0.environment = [EnvironmentVariable(name: "a\u{1b}b", value: "")] })
                .hasPrefix("config.image.image: its variable a b.key"))
    }

    @Test(
        "a working directory writes nothing else into the app's unit, whether the request or the image has it",
        arguments: ["/a\nExecStartPre=/bin/sh", "/a%h", "/a\\", "/a ", "/a\u{1}", "/a\r"])
    func directory(path: String) throws {
        #expect(refusal(try image()) { $0.workingDirectory = path }.hasPrefix("config.working_dir: "))
        let image = try image { $0.workingDirectory = path }
        #expect(refusal(image).hasPrefix("config.image.image: its working directory: "))
        #expect(try arguments(image) { $0.workingDirectory = "/w d" }.contains("--working-dir=/w d"))
    }

    @Test("a user is a number or a name, never the owner of a path")
    func user() throws {
        #expect(refusal(try image()) { $0.security.runAsUsername = "/etc/passwd" }.contains("run_as_username"))
        let image = try image { $0.user = "/etc/passwd" }
        #expect(refusal(image).contains("its user"))
        #expect(refusal(image) { $0.security.runAsUser = 1000 }.isEmpty)
    }

    @Test("a path below a read-only root adds nothing to the unit's list")
    func mounts() throws {
        func refused(_ path: String, readonly: Bool) throws -> Bool {
            !refusal(try image()) {
                $0.security.readonlyRootfs = true
                $0.mounts = [Mount(containerPath: path, hostPath: "/tmp")]
                $0.mounts[0].readonly = readonly
            }.isEmpty
        }
        for path in ["/data /etc", "/a%h", "/a\"", "/a\nX=1"] { #expect(try refused(path, readonly: false), "\(path)") }
        #expect(try !refused("/data", readonly: false))
        #expect(try !refused("/data /etc", readonly: true))
        #expect(try refused("/a\nX=1", readonly: true))
    }

    @Test("what goes into a pod's resolv.conf is a word, and a host's address is one of IPv4")
    func pods() throws {
        let cases: [(String, (inout PodSandboxConfig) -> Void)] = [
            ("config.dns_config.servers", { $0.dns.servers = ["10.0.0.1\nnameserver 10.0.0.2"] }),
            ("config.dns_config.searches", { $0.dns.searches = ["a,b"] }),
            ("config.dns_config.options", { $0.dns.options = ["ndots:5 rotate"] }),
            (
                "config.port_mappings.host_ip",
                { $0.portMappings = [PortMapping(transport: .tcp, containerPort: 80, hostPort: 80, hostIP: "::1")] }
            ),
        ]
        for (field, change) in cases {
            var config = Samples.plainPod
            change(&config)
            let error = #expect(throws: DomainError.self) { try RktLimits.check(config, RktGrants()) }
            #expect(error?.message.hasPrefix(field) == true)
        }
    }
}
