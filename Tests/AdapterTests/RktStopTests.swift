import ChildProcess
import Domain
import Glibc
import Testing

@testable import RktCLI

/// An app with a process of its own, and what rkt writes below the pod's directory.
private final class RunningApp: Sendable {
    static let uuid = PlainRktShapes.uuid
    let fake: FakeEngine
    private let process: Task<ChildResult?, Never>
    private var status: String { fake.directory.path + "/data/pods/run/\(Self.uuid)/stage1/rootfs/rkt/status" }

    /// - Parameter script: what the app does; `$status` is the file of its exit code, which a stop of rkt's would write.
    init(_ script: String) async throws {
        let fake = try FakeEngine.rkt()
        self.fake = fake
        let pod = fake.directory.path + "/data/pods/run/\(Self.uuid)"
        let group =
            fake.directory.path
            + "/cgroup/systemd/pods.slice/u.service/payload/system.slice/\(Samples.containerID).service"
        for path in [pod + "/stage1/rootfs/rkt/status", group] { PrivateFile.makeDirectories(path) }
        try fake.write("data/pods/run/\(Self.uuid)/subcgroup", "pods.slice/u.service")
        let status = pod + "/stage1/rootfs/rkt/status/\(Samples.containerID)"
        let text =
            "status='\(status)'; echo $$ >'\(group)/cgroup.procs.new'; mv '\(group)/cgroup.procs.new' '\(group)/cgroup.procs'; \(script)"
        process = Task {
            let result = try? await ChildCommand(executable: "/bin/sh", arguments: ["-c", text], timeout: .seconds(60))
                .run()
            // What rkt does once an app's last process has gone.
            if access(status, F_OK) != 0 {
                let code: Int32 =
                    switch result?.end {
                    case .signal(let number)?: number
                    case .code(let code)?: code
                    case nil: 1
                    }
                try? fake.write(
                    "data/pods/run/\(Self.uuid)/stage1/rootfs/rkt/status/\(Samples.containerID)", "\(code)\n")
            }
            return result
        }
        try fake.write(
            "app-status.run",
            """
            if [ -s '\(status)' ]; then code=$(cat '\(status)'); state=exited; else code=0; state=running; fi
            sed "s/STATE/$state/; s/CODE/$code/" "$here/app"
            """)
        try fake.write("app", try PlainRktShapes.app("STATE", #","finished_at":5,"exit_code":CODE"#))
        try fake.answer("list", "[\(try PlainRktShapes.pod(apps: "[\(try PlainRktShapes.app("running"))]"))]")
        while access(group + "/cgroup.procs", F_OK) != 0 { await Task.yield() }
    }

    var engine: RktCLIEngine { fake.engine { $0.cgroupDirectory = fake.directory.path + "/cgroup" } }
    var result: ChildResult? { get async { await process.value } }
}

@Suite("Stopping a container on rkt", .timeLimit(.minutes(5)))
struct RktStopTests {
    @Test("one that ends by the signal has its own code, and one that dies of it 128 and the signal's number")
    func terminates() async throws {
        let polite = try await RunningApp("trap 'exit 7' TERM; while :; do sleep 0.02; done")
        let seven = try await polite.engine.stopContainer(
            Samples.containerID, of: Samples.podID, signal: .term, grace: .seconds(50))
        #expect(seven.exit?.code == 7)
        #expect(polite.fake.calls("app-stop").isEmpty)

        let plain = try await RunningApp("exec sleep 50")
        let dead = try await plain.engine.stopContainer(
            Samples.containerID, of: Samples.podID, signal: .term, grace: .seconds(50))
        #expect(dead.exit?.code == 143)
        // Over a restart as well.
        #expect(try await plain.engine.inventory().records.first?.containers.first?.exit?.code == 143)
    }

    @Test("one that runs is told with its cgroup, which says what it uses, and one that has ended without")
    func cgroup() async throws {
        let app = try await RunningApp("exec sleep 50")
        let running = try await app.engine.inventory().records.first?.containers.first
        #expect(running?.cgroup == "/pods.slice/u.service/payload/system.slice/\(Samples.containerID).service")
        _ = try await app.engine.stopContainer(
            Samples.containerID, of: Samples.podID, signal: .term, grace: .seconds(50))
        #expect(try await app.engine.inventory().records.first?.containers.first?.cgroup == "")
    }

    @Test("one that ignores it is killed when its own grace is over, not rkt's")
    func kills() async throws {
        let app = try await RunningApp("trap '' TERM; while :; do sleep 0.05; done")
        let stopped = try await app.engine.stopContainer(
            Samples.containerID, of: Samples.podID, signal: .term, grace: .milliseconds(200))
        #expect(stopped.exit?.code == 137)
        #expect(await app.result?.end == .signal(9))
    }

    @Test("an exit code that rkt has not written whole is waited for, not taken for 1")
    func halfWritten() async throws {
        let app = try await RunningApp(
            "trap ': >\"$status\"; sleep 0.3; echo 5 >\"$status\"; exit 5' TERM; while :; do sleep 0.02; done")
        let stopped = try await app.engine.stopContainer(
            Samples.containerID, of: Samples.podID, signal: .term, grace: .seconds(50))
        #expect(stopped.exit?.code == 5)
    }

    @Test(
        "where the app's processes are not to be found, rkt stops it, and the exit it writes a moment later is waited for"
    )
    func throughRkt() async throws {
        let fake = try FakeEngine.rkt()
        try fake.answer("list", "[\(try PlainRktShapes.pod())]")
        try fake.write("exited", try PlainRktShapes.app("exited", #","finished_at":5,"exit_code":15"#))
        try fake.write("running", try PlainRktShapes.app("running"))
        try fake.write(
            "app-status.run",
            """
            if [ ! -e "$here/stopped" ]; then cat "$here/running"
            elif [ -e "$here/asked" ]; then cat "$here/exited"
            else : >"$here/asked"; cat "$here/running"; fi
            """)
        try fake.write("app-stop.run", ": >\"$here/stopped\"")
        let stopped = try await fake.engine().stopContainer(
            Samples.containerID, of: Samples.podID, signal: .term, grace: .seconds(1))
        #expect(stopped.exit?.code == 143)
        #expect(fake.calls("app-stop").count == 1)
    }

    @Test("an exit is seen by what rkt writes, long before the next look")
    func watched() async throws {
        let app = try await RunningApp("while [ ! -e \"$status.end\" ]; do sleep 0.02; done; exit 3")
        let engine = app.fake.engine {
            $0.cgroupDirectory = app.fake.directory.path + "/cgroup"
            $0.pollInterval = .seconds(3600)
        }
        for await event in engine.events() {
            guard case .snapshot(let records) = event, let container = records.first?.containers.first else { continue }
            if container.state == .exited {
                #expect(container.exit?.code == 3)
                break
            }
            try app.fake.write(
                "data/pods/run/\(RunningApp.uuid)/stage1/rootfs/rkt/status/\(Samples.containerID).end", "")
        }
    }
}
