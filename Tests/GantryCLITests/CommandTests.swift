import ArgumentParser
import GantryCore
import Glibc
import Testing

@testable import GantryCommands

@Suite("The command line", .timeLimit(.minutes(10)))
struct CommandTests {
    @Test("knows rkt's flags of app add")
    func appAdd() throws {
        let command = try AppAdd.parse([
            "1234", "busybox", "--name=a", "--exec=/bin/sh", "--environment=A=b=c", "--caps-retain=CAP_NET_RAW,CHOWN",
            "--user=1000",
            "--cpu=500m", "--memory=64Mi", "--readonly-rootfs=true",
            "--mnt-volume=name=v,kind=host,source=/s,target=/t,readOnly=true",
            "--seccomp=mode=retain,@docker/default-whitelist", "--user-label=k=v", "--stdin=stream", "--", "-c",
            "--name=x", "---",
        ])
        #expect(command.arguments == ["-c", "--name=x", "---"])
        var config = AppConfig()
        try command.flags.rkt(arguments: ["-c", "--name=x"]).apply(to: &config)
        #expect(config.command == ["/bin/sh"] && config.args == ["-c", "--name=x"])
        #expect(config.env == [AppConfig.Variable(name: "A", value: "b=c")])
        #expect(config.user.uid == 1000 && config.readonlyRootfs && config.stdin)
        #expect(config.resources.cpuQuota == 50_000 && config.resources.memoryLimit == 64 << 20)
        #expect(config.capabilities.add.count == 2 && config.capabilities.drop == [.all])
        #expect(config.mounts == [AppMount(containerPath: "/t", hostPath: "/s", readonly: true)])
        #expect(config.userLabels == ["k": "v"])
    }

    @Test("collects nothing where another engine works", arguments: [["gc"], ["image", "gc"], ["image", "rm", "a"]])
    func owner(words: [String]) throws {
        for (text, said) in [("rkt\n", "engine rkt"), ("rkt\r\n", "engine rkt"), ("\u{1b}[2J", "\"\\x1b[2J\"")] {
            let error = try collecting(words, in: text)
            #expect(error?.code == .precondition)
            #expect(error?.message.contains(said) == true, "\(error?.message ?? "")")
        }
        #expect(try collecting(words, in: nil)?.message.contains("is no regular file") == true)
    }

    @Test("a unit's gc has nothing to do where another engine works, and fails where that cannot be told")
    func unlessAnothers() throws {
        #expect(try collecting(["gc", "--unless-anothers"], in: "rkt\n") == nil)
        #expect(try collecting(["gc", "--unless-anothers"], in: "rkt gantry\n")?.code == .precondition)
        #expect(try collecting(["gc", "--unless-anothers"], in: nil)?.code == .precondition)
    }

    /// The failure of a command on a directory whose file `engine` has the text; nil: is a pipe.
    private func collecting(_ words: [String], in text: String?) throws -> EngineError? {
        var template = Array("/tmp/gantry-owner-XXXXXX".utf8CString)
        let directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        defer { for path in ["\(directory)/engine", directory] { remove(path) } }
        if let text {
            let file = try #require(fopen("\(directory)/engine", "w"))
            fputs(text, file)
            fclose(file)
        } else {
            #expect(mkfifo("\(directory)/engine", 0o600) == 0)
        }
        let command = try #require(
            try Gantry.parseAsRoot(words + ["--dir=\(directory)", "--run-dir=\(directory)/run"]) as? any EngineCommand)
        do throws(EngineError) {
            try command.perform()
            return nil
        } catch {
            return error
        }
    }

    @Test("knows rkt's flags of app sandbox")
    func appSandbox() throws {
        let command = try AppSandbox.parse([
            "--hostname=h", "--dns=10.0.0.10", "--dns-search=svc.local", "--dns-opt=ndots:5", "--net=mynet",
            "--port=http:tcp:80:127.0.0.1:8080", "--hosts-entry=10.1.2.3=a", "--annotation=k=v",
        ])
        var config = PodConfig()
        try command.flags.rkt.apply(to: &config)
        #expect(config.hostname == "h" && config.dns.servers == ["10.0.0.10"] && config.network.name == "mynet")
        #expect(config.ports.map(\.hostPort) == [8080] && config.annotations == ["k": "v"])
    }

    @Test("gives all that follows the pod to the executed command")
    func appExec() throws {
        let command = try AppExec.parse(["--app=a", "--timeout=5s", "POD", "ls", "-la", "--app=b", "--", "--help"])
        #expect(command.app == "a" && command.podAndCommand == ["POD", "ls", "-la", "--app=b", "--", "--help"])
        #expect(try AppExec.parse(["--app=a", "POD", "--", "ls"]).podAndCommand == ["POD", "--", "ls"])
    }

    @Test(
        "refuses what makes no sense with exit code 2",
        arguments: [
            ["nonsense"], ["app", "add"], ["app", "exec", "--app=a", "POD"], ["app", "exec", "POD", "ls"],
            ["app", "stop", "P", "--app=a", "--timeout=x"],
            ["list", "--format=xml"], ["events", "--since=1"], ["list", "--dir=relative"], ["image", "fetch"],
            ["gc", "--grace-period=-1s"],
            ["app", "exec", "--app=a", "--tty", "--format=json", "P", "ls"],
        ])
    func refuses(_ words: [String]) {
        #expect(CommandLineEntry.run(words: words) == 2)
    }

    @Test(
        "explains every command",
        arguments: Gantry.configuration.subcommands + AppCommand.configuration.subcommands
            + ImageCommand.configuration.subcommands)
    func explains(_ command: any ParsableCommand.Type) {
        #expect(command.configuration.abstract.isEmpty == false)
        #expect(command.helpMessage(columns: 100).contains("--help"))
    }

    @Test(
        "fails as rkt does",
        arguments: [
            (["app", "status", "0000", "--app=a"], 1), (["app", "list", "0000"], 1), (["status", "0000"], 254),
            (["app", "start", "0000", "--app=a"], 254), (["stop", "0000"], 254), (["rm", "0000"], 0),
            (["pod-cleanup", "x"], 254),
        ] as [([String], Int32)])
    func failsAsRkt(_ words: [String], _ code: Int32) {
        #expect(CommandLineEntry.run(words: words + ["--dir=/nowhere/d", "--run-dir=/nowhere/r"]) == code)
    }

    @Test("maps a timeout of exec to 124 and everything else through")
    func exitCodes() throws {
        #expect(try ExecInApp.exitCode(["exit_code": 7, "timed_out": false]) == 7)
        #expect(try ExecInApp.exitCode(["exit_code": 137, "timed_out": true]) == 124)
        #expect(throws: EngineError.self) { try ExecInApp.exitCode([:]) }
    }
}

@Suite("Captured output", .timeLimit(.minutes(10)))
struct CapturedOutputTests {
    @Test("is bounded, both streams together")
    func isBounded() throws {
        var captured = CapturedOutput(limit: 10)
        for (stream, text) in [(0, "12345678"), (1, "abc"), (0, "9")] {
            let pipe = try Pipe()
            _ = text.withCString { write(pipe.writer.raw, $0, text.utf8.count) }
            pipe.writer.close()
            #expect(try captured.read(pipe.reader.raw, stream: stream))
            #expect(try !captured.read(pipe.reader.raw, stream: stream))
        }
        #expect(captured.bytes == [Array("12345678".utf8), Array("ab".utf8)])
    }
}
