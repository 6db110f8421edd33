import Domain
import JSON
import Testing

@testable import RktCLI

@Suite("Containers of the engine gantry", .timeLimit(.minutes(10)))
struct GantryContainerTests {
    @Test(
        "errors come with the code that the engine gives",
        arguments: [
            ("not-found", DomainError.Code.notFound), ("exists", .alreadyExists), ("invalid", .invalidArgument),
            ("precondition", .failedPrecondition), ("unavailable", .unavailable), ("exhausted", .resourceExhausted),
            ("unsupported", .invalidArgument), ("deadline", .deadlineExceeded), ("unauthorized", .permissionDenied),
            ("internal", .internal),
        ])
    func errors(word: String, code: DomainError.Code) async throws {
        let fake = try FakeEngine.gantry()
        try fake.fail("app-start", word, "because")
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == code)
        #expect(error?.message == "container \(Samples.containerID): because")
    }

    @Test("an image that cannot be mounted into a container is told by the word the kubelet knows")
    func imageVolume() async throws {
        let fake = try FakeEngine.gantry()
        try fake.fail("app-add", "image-volume", "because")
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().addContainer(Samples.newContainer(Samples.container))
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.hasPrefix("ImageVolumeMountFailed: ") == true)
    }

    @Test("a container is made from a document on standard input: no value is an argument")
    func addContainer() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-add", GantryShapes.app(Samples.container).serialized())
        let container = try await fake.engine().addContainer(Samples.newContainer(Samples.container))
        #expect(container.config == Samples.container)
        #expect(container.state == .created)
        #expect(
            fake.calls("app-add") == [
                ["app", "add"] + fake.globals
                    + ["--format=json", "--name=\(Samples.containerID)", "--config=-", Samples.uuid, "sha256:abc"]
            ])
        let json = try JSON(parsing: try #require(fake.inputs("app-add").first))
        #expect(json["env"]?[0] == ["name": "A", "value": "two\nlines"])
        #expect(json["command"] == ["/bin/sh", "-c"])
        #expect(
            json["user"] == [
                "username": "root", "uid": 0, "gid": 1000, "supplementalGroups": [1, 2], "groupsPolicy": "strict",
            ])
        #expect(json["mounts"]?[0]?["propagation"] == "bidirectional")
        #expect(json["mounts"]?[1]?["image"] == "sha256:data")
        #expect(json["namespaces"] == ["pid": "target", "target": .string(Samples.containerID.rawValue)])
        #expect(json["maskedPaths"] == [])
        #expect(json["readonlyPaths"] == ["/proc/sys"])
        #expect(json["seccomp"] == ["type": "localhost", "path": "/profiles/a.json"])
        #expect(json["apparmor"] == ["type": "localhost", "profile": "profile"])
        #expect(json["capabilities"] == ["add": ["NET_ADMIN"], "drop": ["ALL"], "addAmbient": ["CAP_CHOWN"]])
        #expect(json["resources"]?["memoryLimit"] == .integer(64 << 20))
        #expect(json["stopSignal"] == "SIGQUIT")
        #expect(json["logPath"] == "/var/log/pods/default_web/main/0.log")
    }

    @Test("defaults are left to the engine")
    func defaults() throws {
        let json = try GantryAppConfig.json(Samples.newContainer(Samples.plainContainer))
        for key in [
            "maskedPaths", "readonlyPaths", "apparmor", "selinux", "stopSignal", "resources", "capabilities",
            "workingDir",
        ] {
            #expect(json[key] == nil, "\(key)")
        }
        #expect(json["seccomp"] == ["type": "unconfined"])
    }

    @Test("options of a mount, and an image that is not here, are refused by field")
    func mountErrors() throws {
        var config = Samples.plainContainer
        config.mounts = [Mount(containerPath: "/a", hostPath: "/b"), Samples.imageMount]
        var request = Samples.newContainer(config)
        request.mountImages = [:]
        let missing = #expect(throws: DomainError.self) { try GantryAppConfig.json(request) }
        #expect(missing?.message.contains("config.mounts[1].image") == true)
        request.config.mounts = [Mount(containerPath: "/a", hostPath: "/b")]
        request.config.mounts[0].options = ["noexec"]
        #expect(try GantryAppConfig.json(request)["mounts"]?[0]?["options"] == ["noexec"])
    }

    @Test("a stop passes signal and grace on, and waits longer than the grace")
    func stop() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-stop", GantryShapes.app(state: "exited", more: ["exit_code": 143]).serialized())
        let engine = fake.engine()
        let stopped = try await engine.stopContainer(
            Samples.containerID, of: Samples.podID, signal: .kill, grace: .milliseconds(1500))
        #expect(stopped.exit?.code == 143)
        #expect(fake.calls("app-stop").first?.contains("--timeout=1500ms") == true)
        #expect(fake.calls("app-stop").first?.contains("--signal=SIGKILL") == true)
    }

    @Test("an exit without a code is refused: it would be taken for success")
    func exitWithoutCode() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-stop", GantryShapes.app(state: "exited").serialized())
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().stopContainer(Samples.containerID, of: Samples.podID, signal: nil, grace: .zero)
        }
        #expect(error?.code == .internal)
        #expect(error?.message.contains("exit_code") == true)
    }

    @Test("the record of another container is no answer")
    func otherContainer() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-start", #"{"name":"x","state":"running","annotations":{}}"#)
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().startContainer(Samples.containerID, of: Samples.podID)
        }
        #expect(error?.code == .internal)
    }

    @Test("exec answers bytes and code, with the command's own words untouched")
    func exec() async throws {
        let fake = try FakeEngine.gantry()
        let answer: JSON = [
            "exit_code": 3, "stdout": .string(JSONBytes.encode([0, 255, 10])),
            "stderr": .string(JSONBytes.encode(Array("e".utf8))),
            "timed_out": false,
        ]
        try fake.answer("app-exec", answer.serialized())
        let result = try await fake.engine().execSync(
            ["--format=json", "a b"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(2),
            outputLimit: 1000)
        #expect(result == ExecResult(stdout: [0, 255, 10], stderr: Array("e".utf8), exitCode: 3))
        #expect(
            fake.calls("app-exec") == [
                ["app", "exec"] + fake.globals
                    + [
                        "--format=json", "--app=\(Samples.containerID)", "--max-output=1000", "--timeout=2000ms",
                        Samples.uuid, "--",
                        "--format=json", "a b",
                    ]
            ])
    }

    @Test("an exec past its timeout is a passed deadline")
    func execTimeout() async throws {
        let fake = try FakeEngine.gantry()
        try fake.answer("app-exec", #"{"exit_code":137,"stdout":"","stderr":"","timed_out":true}"#)
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().execSync(
                ["x"], in: Samples.containerID, of: Samples.podID, timeout: .seconds(1), outputLimit: 10)
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("an empty command is refused before anything runs")
    func emptyExec() async throws {
        let fake = try FakeEngine.gantry()
        let error = await #expect(throws: DomainError.self) {
            try await fake.engine().execSync(
                [], in: Samples.containerID, of: Samples.podID, timeout: nil, outputLimit: 10)
        }
        #expect(error?.code == .invalidArgument)
        #expect(fake.calls("app-exec").isEmpty)
    }
}
