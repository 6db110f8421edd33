import Glibc
import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct PodStoreTests {
    let scratch = Scratch()
    var store: PodStore { scratch.store }

    @Test func `A pod is visible only once it is published, and alive while its lock is held`() throws {
        let uuid = PodUUID.random()
        var pod: PodDirectory? = try store.prepare(uuid)
        #expect(try store.list().isEmpty)
        try pod?.writeRecord(PodRecord(uuid: uuid, createdAt: 1, bootID: store.bootID()))
        try pod.map(store.publish)
        #expect(try store.list().map(\.state) == [.preparing])
        #expect(try store.open(uuid).isAlive())
        pod = nil
        try scratch.awaitDeath(of: uuid)
        #expect(try !store.open(uuid).isAlive())
        #expect(try store.list().map(\.state) == [.exited])
    }

    @Test func `The end of a supervisor is waited for in a pod that is on its way out only`() throws {
        var pod: PodDirectory? = try scratch.pod()
        let other = try store.open(#require(pod?.uuid))
        var record = try PodRecord(uuid: other.uuid, createdAt: 1, bootID: store.bootID())
        try pod?.writeRecord(record)
        #expect(try !other.hasEnded(waitingFrom: .running, patience: .max / 2))
        try record.advance(to: .deleting)
        try pod?.writeRecord(record)
        #expect(try !other.hasEnded(waitingFrom: .exited, patience: .max / 2))
        #expect(try !other.hasEnded(waitingFrom: .running, patience: 1_000_000))
        pod = nil
        #expect(try other.hasEnded(waitingFrom: .running, patience: 30_000_000_000))
    }

    @Test func `A second supervisor of a living pod is refused, of a dead one not`() throws {
        var pod: PodDirectory? = try scratch.pod()
        let uuid = try #require(pod?.uuid)
        let error = try #require(throws: EngineError.self) { try store.open(uuid).lockForLife() }
        #expect(error.code == .precondition)
        pod = nil
        try scratch.awaitDeath(of: uuid)
        try store.open(uuid).lockForLife()
    }

    @Test func `Asking whether a pod lives never makes its supervisor fail to lock`() throws {
        let uuid = try scratch.pod().uuid
        let other = try store.open(uuid)
        for _ in 0..<200 {
            try scratch.awaitDeath(of: uuid)
            #expect(try !other.isAlive())
            let pod = try store.open(uuid)
            try pod.lockForLife()
            #expect(try other.isAlive())
        }
    }

    @Test func `A lock that is handed over is checked and kept`() throws {
        let pod = try scratch.pod()
        let handed = try #require(try pod.lockForHandover())
        let successor = try store.open(pod.uuid)
        let copy = dup(handed)
        try successor.adoptLock(copy)
        #expect(try successor.isAlive())
        let other = try scratch.pod()
        #expect(throws: EngineError.self) { try other.adoptLock(open("/dev/null", O_RDONLY)) }
    }

    @Test func `A clean-up does not look like a living supervisor`() throws {
        let uuid = try scratch.pod().uuid
        let pod = try store.open(uuid)
        try scratch.awaitDeath(of: uuid)
        let turn = try pod.lockCleanup()
        #expect(try !store.open(uuid).isAlive())
        withExtendedLifetime(turn) {}
    }

    @Test func `Preparing a UUID twice says that it exists, half-made leftovers are cleared`() throws {
        let uuid = PodUUID.random()
        var pod: PodDirectory? = try store.prepare(uuid)
        #expect(throws: EngineError.self) { try store.prepare(uuid) }
        withExtendedLifetime(pod) {}
        pod = nil
        try scratch.awaitDeath(of: uuid, in: .prepare)
        let again = try store.prepare(uuid)
        try store.publish(again)
        let error = try #require(throws: EngineError.self) { try store.prepare(uuid) }
        #expect(error.code == .exists)
    }

    @Test func `A unique prefix names a pod; none and several are told apart`() throws {
        let first = try #require(PodUUID("0b5e2a52-3c9c-4d2e-8f83-3c1f2b1d9a01"))
        let second = try #require(PodUUID("0b5e2a53-3c9c-4d2e-8f83-3c1f2b1d9a01"))
        _ = try scratch.pod(first)
        _ = try scratch.pod(second)
        #expect(try store.resolve("0b5e2a52") == first)
        #expect(try store.resolve(second.string) == second)
        #expect(try #require(throws: EngineError.self) { try store.resolve("0b5") }.code == .invalid)
        // As units and lists of pods show them; a pod's whole id begins with its UUID.
        #expect(try store.resolve("0b5e2a533c9c") == second)
        #expect(try store.resolve("0B5E2A523C9C4D2E8F833C1F2B1D9A01") == first)
        #expect(try store.resolve("0b5e2a523c9c4d2e8f833c1f2b1d9a01" + String(repeating: "f", count: 32)) == first)
        #expect(try #require(throws: EngineError.self) { try store.resolve("0b5e2a524") }.code == .notFound)
        for text in [String(repeating: "f", count: 65), "0b5e2a533-", "0b5e2a53-3c9cg"] {
            #expect(try #require(throws: EngineError.self) { try store.resolve(text) }.code == .invalid)
        }
        #expect(try #require(throws: EngineError.self) { try store.resolve("f") }.code == .notFound)
        #expect(try #require(throws: EngineError.self) { try store.resolve("../x") }.code == .invalid)
        #expect(try #require(throws: EngineError.self) { try store.resolve("") }.code == .invalid)
    }

    @Test func `A dead pod lists its apps as unknown unless they exited`() throws {
        var pod: PodDirectory? = try scratch.pod(apps: ["a", "b"])
        var exited = AppRecord(name: try AppName("b"), createdAt: 1)
        try exited.exit(at: 2, code: 3, reason: "Error")
        try pod?.writeApp(exited)
        #expect(try store.list().first?.apps.map(\.state) == [.created, .exited])
        let uuid = try #require(pod?.uuid)
        pod = nil
        try scratch.awaitDeath(of: uuid)
        #expect(try store.list().first?.apps.map(\.state) == [.unknown, .exited])
    }

    @Test func `A pod of another boot is exited although something holds its lock`() throws {
        let pod = try scratch.pod()
        var record = try #require(try pod.readRecord())
        #expect(try store.record(pod.uuid).state == .running)
        record.bootID = "another"
        try pod.writeRecord(record)
        #expect(try store.record(pod.uuid).state == .exited)
    }

    @Test func `A newer format is refused clearly and the pod stays visible`() throws {
        let pod = try scratch.pod()
        scratch.write("lib/pods/run/\(pod.uuid)/state.json", #"{"format":2,"name":"x"}"#)
        let error = try #require(throws: EngineError.self) { try pod.readRecord() }
        #expect(error.code == .unsupported)
        #expect(error.message.contains("newer engine"))
        #expect(try store.list().first?.error.contains("newer engine") == true)
    }

    @Test(arguments: ["", "{", "null", "{\"format\":1}", "\u{0}\u{1}garbage"])
    func `A damaged record keeps the pod visible and says so`(content: String) throws {
        let pod = try scratch.pod()
        scratch.write("lib/pods/run/\(pod.uuid)/state.json", content)
        let listed = try store.list()
        #expect(listed.count == 1)
        #expect(listed.first?.error.isEmpty == false)
    }

    @Test func `Configuration, error and network documents come back`() throws {
        let pod = try scratch.pod()
        var config = PodConfig()
        config.hostname = "web"
        try pod.writeConfig(config)
        #expect(try pod.readConfig() == config)
        #expect(try pod.readError() == nil)
        try pod.writeError(EngineError(.exhausted, "no address"), at: 7)
        #expect(try pod.readError() == EngineError(.exhausted, "no address"))
        #expect(try pod.readNetwork() == nil)
        try pod.writeNetwork(["name": "n"])
        #expect(try pod.readNetwork()?["name"] == "n")
    }

    @Test func `An app is made once, removed with its layer, and may be made again`() throws {
        let pod = try scratch.pod(apps: ["a"])
        let name = try AppName("a")
        #expect(try #require(throws: EngineError.self) { try pod.createApp(name) }.code == .exists)
        mkdir("\(pod.appPath(name))/upper", 0o755)
        #expect(try pod.removeApp(name))
        #expect(try !pod.removeApp(name))
        #expect(!Scratch.exists(pod.appPath(name)))
        try pod.createApp(name)
        try pod.createApp(name)
        #expect(try pod.appNames().isEmpty)
    }

    @Test func `An app's manifest comes back with its image`() throws {
        let pod = try scratch.pod(apps: ["a"])
        let name = try AppName("a")
        let image = AppManifest.Image(id: "sha256:1", name: "b", config: ["Cmd": ["sh"]], layers: ["/l/1", "/l/2"])
        let manifest = AppManifest(name: name, image: image, config: AppConfig(), imageMounts: ["other": image])
        try pod.writeAppManifest(manifest)
        #expect(try pod.readAppManifest(name) == manifest)
    }

    @Test func `Nothing is left aside by writes`() throws {
        let pod = try scratch.pod(apps: ["a"])
        let names = try DirectoryEntries.names(pod.fd, ".", path: "pod")
        #expect(Set(names) == ["pod", "apps", "state.json"])
    }

    @Test func `A write that fails leaves nothing aside and the old content in place`() throws {
        let pod = try scratch.pod(apps: ["a"])
        mkdir("\(pod.path)/network.json", 0o755)
        scratch.write("lib/pods/run/\(pod.uuid)/network.json/x", "")
        #expect(throws: EngineError.self) { try pod.writeNetwork(["a": 1]) }
        let names = try DirectoryEntries.names(pod.fd, ".", path: "pod")
        #expect(Set(names) == ["pod", "apps", "state.json", "network.json"])
    }

    @Test func `A clean-up takes the half-made pod of a maker that was killed, and of no other`() throws {
        let living = try store.prepare(.random())
        var half: PodDirectory? = try store.prepare(.random())
        let (uuid, path) = (try #require(half?.uuid), try #require(half?.path))
        try PodCleanup.run(store: store, uuid: uuid)
        #expect(Scratch.exists(path), "its maker lives")
        half = nil
        try scratch.awaitDeath(of: uuid, in: .prepare)
        try PodCleanup.run(store: store, uuid: uuid)
        #expect(!Scratch.exists(path) && Scratch.exists(living.path))
        try PodCleanup.run(store: store, uuid: .random())
    }

    @Test func `A discarded pod is gone, twice is fine, and the sweep takes half-made ones`() throws {
        let uuid = try scratch.pod(apps: ["a"]).uuid
        #expect(try store.discard(uuid))
        #expect(try !store.discard(uuid))
        let living = try store.prepare(.random())
        var half: PodDirectory? = try store.prepare(.random())
        let dead = try #require(half?.uuid)
        let name = dead.string
        half = nil
        try scratch.awaitDeath(of: dead, in: .prepare)
        #expect(try store.sweepGarbage(dryRun: true) == [name])
        #expect(try store.sweepGarbage() == [name])
        #expect(Scratch.exists(living.path))
        #expect(try store.sweepGarbage().isEmpty)
        try store.publish(living)
    }

    @Test func `The boot id stays for the life of the run directory`() throws {
        let first = try store.bootID()
        #expect(try store.bootID() == first)
        scratch.write("run/engine/boot", "of another kernel boot\n\(first)\n")
        let second = try store.bootID()
        #expect(second != first)
        #expect(try store.bootID() == second)
    }

    @Test func `A removal that was cut short is finished by the next one, but one that is under way is left alone`()
        throws
    {
        let (left, held, next) = (try scratch.pod(), try scratch.pod(), try scratch.pod())
        #expect(try store.takeAway(left.uuid) && store.takeAway(held.uuid))
        let name = try #require(Files.entries(store.path(.garbage)).first { $0.begins(with: held.uuid.string) })
        let lock = open("\(store.path(.garbage))/\(name)", O_RDONLY | O_DIRECTORY)
        #expect(flock(lock, LOCK_EX) == 0)
        try store.discard(next.uuid)
        #expect(Files.entries(store.path(.garbage)) == [name])
        close(lock)
        try PodCleanup.run(store: store, uuid: held.uuid)
        #expect(Files.entries(store.path(.garbage)).isEmpty)
    }

    @Test func `Why a start failed is kept where the disk has no room for it`() throws {
        // Its supervisor is gone once the directory is let go.
        let uuid = try {
            let pod = try scratch.pod()
            try pod.writeRecord(PodRecord(uuid: pod.uuid, createdAt: 1, bootID: store.bootID()))
            return pod.uuid
        }()
        let error = EngineError(.exhausted, "no room")
        store.keepFailure(error, of: uuid)
        let record = try store.record(uuid)
        #expect(record.error == "no room" && record.errorCode == "exhausted")
        store.sweepKeptFailures()
        #expect(store.keptFailures.failure(of: uuid) == error)
        try store.discard(uuid)
        store.sweepKeptFailures()
        #expect(store.keptFailures.failure(of: uuid) == nil)
    }

    @Test(arguments: [
        ("write to `/x`: No space left on device", EngineError.Code.exhausted),
        ("mkdir /y: no space left on device", .exhausted),
        ("Disk quota exceeded", .exhausted), ("open: Permission denied", .internal),
    ])
    func `What another program says of a full disk is told as that`(text: String, code: EngineError.Code) {
        #expect(EngineError.Code.ofText(text, otherwise: .internal) == code)
    }

    @Test func `An app is out of sight at once and deleted later`() throws {
        let pod = try scratch.pod()
        let app = AppRecord(name: try AppName("a"), createdAt: 1)
        try pod.createApp(app.name)
        try pod.writeApp(app)
        let garbage = try #require(try store.discardApp(app.name, of: pod))
        #expect(try pod.readApps().isEmpty && store.discardApp(app.name, of: pod) == nil)
        #expect(Files.entries(store.path(.garbage)) == [garbage])
        try store.removeGarbage(garbage)
        #expect(Files.entries(store.path(.garbage)).isEmpty)
        #expect(throws: EngineError.self) { try store.removeGarbage("../run") }
        try pod.createApp(app.name)
        #expect(try store.discardApp(app.name, of: pod) != nil)
        try store.discard(pod.uuid)
        #expect(Files.entries(store.path(.garbage)).isEmpty, "what was left of its apps goes with the pod")
    }

    @Test func `Slices are removed only where they were made here`() throws {
        let root = "\(store.dir)/hierarchy"
        try Files.makeDirectories("\(root)/there.slice")
        let layout = CgroupLayout(hierarchies: [CgroupHierarchy(key: "freezer", mountPoint: root, ownPath: "/")])
        let slices = BorrowedSlices(runDir: store.runDir)
        for slice in ["made.slice/inner.slice", "there.slice"] {
            let unit = UnitCgroup(layout: layout, path: "/\(slice)/u.service")
            slices.note(unit)
            try Files.makeDirectories("\(root)/\(slice)/other.service")
            slices.remove(above: "\(root)/\(slice)/u.service", below: root)
            #expect(Files.exists("\(root)/\(slice)"), "something is in it")
            rmdir("\(root)/\(slice)/other.service")
            slices.remove(above: "\(root)/\(slice)/u.service", below: root)
        }
        #expect(Files.entries(root) == ["there.slice"])
        let marks = "\(store.runDir)/engine/cgroups"
        slices.sweep()
        #expect(Files.entries(marks).count == 2, "another pod may be about to use them")
        for mark in Files.entries(marks) { utimes("\(marks)/\(mark)", [timeval(), timeval()]) }
        slices.sweep()
        #expect(Files.entries(marks).isEmpty)
    }
}
