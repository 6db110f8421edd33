import Glibc
import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct EventStreamTests {
    let scratch = Scratch()
    var store: PodStore { scratch.store }

    private func log(_ uuid: PodUUID, rotateAt: Int64 = 32 << 10) throws -> PodEventLog {
        try PodEventLog(uuid, runDir: store.runDir, rotateAt: rotateAt)
    }

    private func begun() throws -> (EventStream, Reader) {
        let reader = Reader()
        let stream = try EventStream(store: store)
        try stream.beginWithSnapshot(reader.sink)
        return (stream, reader)
    }

    /// What a reader that comes back to `position` is told.
    private func resumed(_ position: EventPosition) throws -> Reader {
        let reader = Reader()
        let stream = try EventStream(store: store)
        try stream.begin(after: position, reader.sink)
        try stream.drain(reader.sink)
        return reader
    }

    @Test func `A reader begins with a snapshot and then sees every delta`() throws {
        let pod = try scratch.pod(apps: ["a"])
        let log = try log(pod.uuid)
        try log.append(.pod(store.record(pod.uuid)))
        let (stream, reader) = try begun()
        #expect(reader.types == ["snapshot", "pod", "snapshot-end"])
        #expect(reader.lines[1]["seq"] == JSON(log.last))
        #expect(reader.lines[1]["pod"]?["app_names"] == ["a"])
        try stream.drain(reader.sink)
        #expect(reader.lines.count == 3)
        try log.append(.app(pod: pod.uuid, AppRecord(name: AppName("a"), createdAt: 1)))
        try log.append(.appRemoved(pod: pod.uuid, AppName("a")))
        try stream.drain(reader.sink)
        #expect(reader.types.suffix(2) == ["app", "app-removed"])
        #expect(reader.lines.last?["seq"] == JSON(log.last))
        #expect(try reader.position().pods == [pod.uuid: log.last])
    }

    @Test func `A reader that is killed at any record and comes back misses and doubles nothing`() throws {
        let pods = try (0..<3).map { _ in try scratch.pod(apps: []).uuid }
        let (_, begin) = try begun()
        let position = try begin.position()
        for number in 0..<4 {
            for (index, pod) in pods.enumerated() { try log(pod).append(named: "p\(index)-\(number)", of: pod) }
        }
        try ImageChanges.tell(runDir: store.runDir)
        try store.discard(pods[2])
        let all = try resumed(position)
        #expect(all.lines.count == 14 && Set(all.names).count == 12)
        #expect(all.types.filter { $0 == "images" }.count == 1 && all.types.filter { $0 == "pod-removed" }.count == 1)
        for kill in 0...14 {
            let first = Reader()
            first.killAfter = kill
            let stream = try EventStream(store: store)
            // As the one that follows it, it has what was known before.
            let numbers = pods.map { ($0.string, JSON(position.pods[$0] ?? 0)) }
            let seed: JSON = .object(position.json.merging(numbers) { $1 })
            let line = Array("{\"type\":\"snapshot\",\"at\":\(seed.serialized())}\n".utf8)
            first.killAfter += 1
            try line.withUnsafeBytes { try first.sink($0) }
            try stream.begin(after: position, first.sink)
            _ = try? stream.drain(first.sink)
            #expect(first.lines.count == kill + 1)
            let second = try resumed(first.position())
            #expect((first.names + second.names).sorted() == all.names.sorted())
            let types = (first.types.dropFirst() + second.types).filter { $0 != "app-removed" }
            #expect(types.sorted() == ["images", "pod-removed"], "killed after \(kill)")
        }
    }

    @Test func `The rest of what a removed pod told comes before its removal, also to who did not know it`() throws {
        let known = try scratch.pod(apps: []).uuid
        let (stream, reader) = try begun()
        let position = try reader.position()
        let new = try scratch.pod(apps: []).uuid
        for pod in [known, new] {
            try log(pod).append(named: "last", of: pod)
            try store.discard(pod)
        }
        try stream.drain(reader.sink)
        #expect(reader.types.suffix(4) == ["app-removed", "pod-removed", "app-removed", "pod-removed"])
        #expect(try reader.position().pods.isEmpty)
        #expect(try resumed(position).types == reader.types.suffix(4))
        #expect(try resumed(reader.position()).types.isEmpty)
    }

    @Test func `A pod that comes again under its UUID is told to have gone before`() throws {
        let pod = try scratch.pod(apps: []).uuid
        let (stream, reader) = try begun()
        let position = try reader.position()
        try log(pod).append(named: "first", of: pod)
        try store.discard(pod)
        try store.publish(store.prepare(pod))
        try log(pod).append(named: "second", of: pod)
        try stream.drain(reader.sink)
        #expect(reader.types.suffix(3) == ["app-removed", "pod-removed", "app-removed"])
        #expect(reader.names == ["first", "second"])
        #expect(try resumed(position).names == ["first", "second"])
        // As after a snapshot that fell between the two.
        var late = position
        late.pods = try reader.position().pods
        #expect(try resumed(late).types.isEmpty)
    }

    @Test func `A removal that was cut short is told by the sweep, and by the next pod of that UUID`() throws {
        let pods = try (0..<2).map { _ in try scratch.pod(apps: []).uuid }
        let (stream, reader) = try begun()
        for pod in pods { rename("\(store.path(.run))/\(pod)", "\(scratch.path)/\(pod)") }
        try stream.drain(reader.sink)
        #expect(reader.lines.count == 4)
        _ = try store.prepare(pods[0])
        try stream.drain(reader.sink)
        #expect(reader.lines.last?["name"] == .string(pods[0].string))
        try RemovedPods.sweep(store)
        try stream.drain(reader.sink)
        #expect(reader.lines.last?["name"] == .string(pods[1].string) && reader.lines.count == 6)
        try RemovedPods.sweep(store)
        try stream.drain(reader.sink)
        #expect(reader.lines.count == 6)
    }

    @Test func `Of no pod follows what is older than the snapshot`() throws {
        let pod = try scratch.pod(apps: ["a"])
        let log = try log(pod.uuid)
        let stream = try EventStream(store: store)
        var isFirst = true
        // The state goes on, and is told, after it was read.
        stream.whileReading = { () throws(EngineError) in
            guard isFirst else { return }
            isFirst = false
            var record = try store.record(pod.uuid)
            record.error = "moved on"
            try pod.writeRecord(record)
            try log.append(.pod(record))
        }
        let reader = Reader()
        try stream.beginWithSnapshot(reader.sink)
        #expect(reader.lines[1]["pod"]?["error"] == "moved on")
        try stream.drain(reader.sink)
        #expect(reader.types == ["snapshot", "pod", "snapshot-end"])
    }

    @Test func `A pod that changes all the time keeps no reader waiting, and nothing of it is lost`() throws {
        let pod = try scratch.pod(apps: []).uuid
        let log = try log(pod)
        let stream = try EventStream(store: store)
        stream.whileReading = { () throws(EngineError) in try log.append(.appRemoved(pod: pod, AppName("a"))) }
        let reader = Reader()
        try stream.beginWithSnapshot(reader.sink)
        try stream.drain(reader.sink)
        #expect(reader.types.filter { $0 == "snapshot" }.count == 1 && reader.names.count == 100)
    }

    @Test func `What is no longer there is a gap and a snapshot`() throws {
        let pod = try scratch.pod(apps: []).uuid
        let (stream, reader) = try begun()
        let position = try reader.position()
        let writer = try log(pod, rotateAt: 300)
        for _ in 0..<30 { try writer.append(named: "a", of: pod) }
        try stream.drain(reader.sink)
        #expect(reader.types.suffix(4) == ["gap", "snapshot", "pod", "snapshot-end"])
        try writer.append(named: "z", of: pod)
        try stream.drain(reader.sink)
        #expect(reader.names == ["z"])
        #expect(try resumed(position).types == ["gap", "snapshot", "pod", "snapshot-end"])
        for _ in 0..<140 { try RemovedPods.tell(.random(), runDir: store.runDir) }
        #expect(Files.entries("\(scratch.path)/run/engine/events/removed").count == 128)
        #expect(try resumed(reader.position()).types.first == "gap")
        var another = try reader.position()
        another.boot = "another"
        #expect(try resumed(another).types.first == "gap")
        another = try resumed(position).position()
        another.pods[pod] = writer.last + 1
        #expect(try resumed(another).types.first == "gap")
    }

    @Test func `Everything is found after more than the kernel remembers`() throws {
        let pods = try (0..<3).map { _ in try scratch.pod(apps: []).uuid }
        let (stream, reader) = try begun()
        for pod in pods { try log(pod).append(named: "a", of: pod) }
        try store.discard(pods[2])
        stream.watch.clear()
        stream.isBehind = true
        try stream.drain(reader.sink)
        #expect(reader.names.count == 3 && reader.types.last != "gap" && reader.types.contains("pod-removed"))
    }

    @Test func `Nobody waits for a reader, or for another pod's writer, that stands still with every lock`() throws {
        let pod = try scratch.pod(apps: []).uuid
        let other = try scratch.pod(apps: []).uuid
        _ = try log(other)
        close(try EventFiles.openRemoved(runDir: store.runDir))
        var held: [Int32] = []
        defer { for file in held { close(file) } }
        let events = "\(scratch.path)/run/engine/events"
        for name in [".", "removed", other.string, pod.string] {
            let file = open("\(events)/\(name)", O_RDONLY)
            #expect(flock(file, LOCK_EX | LOCK_NB) == 0)
            held.append(file)
        }
        let (stream, reader) = try begun()
        try log(pod).append(named: "a", of: pod)
        try store.discard(pod)
        try stream.drain(reader.sink)
        #expect(reader.types.suffix(2) == ["app-removed", "pod-removed"])
    }

    // MARK: Supervisors of older engines

    private var shared: String { "\(scratch.path)/run/engine/events/log" }

    private func tellShared(_ number: Int, _ members: [String: JSON], file: String? = nil) throws {
        let file = try #require(fopen(file ?? shared, "a"))
        fputs(EventLine.encode(UInt64(number), members.merging(["boot": .string(try store.bootID())]) { $1 }), file)
        fclose(file)
    }

    private func removal(_ pod: PodUUID, _ name: String) -> [String: JSON] {
        ["type": "app-removed", "pod_name": .string(pod.string), "name": .string(name)]
    }

    @Test func `What supervisors of older engines tell is read from the log that they share`() throws {
        let pod = try scratch.pod(apps: []).uuid
        unlink("\(scratch.path)/run/engine/events/\(pod)")
        try tellShared(0, ["type": "log"])
        try tellShared(1, removal(pod, "before"))
        let (stream, reader) = try begun()
        #expect(try reader.position().shared == 1)
        try tellShared(2, removal(pod, "a"))
        try stream.drain(reader.sink)
        #expect(reader.names == ["a"] && reader.lines.last?["shared"] == 2 && reader.lines.last?["seq"] == nil)
        let position = try reader.position()
        // Rotated, as they do; and cleaned up by this engine, which the reader must hear of last.
        try tellShared(3, removal(pod, "b"))
        rename(shared, shared + ".1")
        try tellShared(3, ["type": "log"])
        try tellShared(4, removal(pod, "c"))
        try log(pod).append(named: "d", of: pod)
        try store.discard(pod)
        try stream.drain(reader.sink)
        #expect(reader.names == ["a", "b", "c", "d"] && reader.types.last == "pod-removed")
        #expect(try resumed(position).names == ["b", "c", "d"])
        var behind = position
        behind.shared = 17
        #expect(try resumed(behind).types.first == "gap")
    }

    @Test func `An older engine that is run later is heard as well`() throws {
        let pod = try scratch.pod(apps: []).uuid
        let (stream, reader) = try begun()
        let position = try reader.position()
        try tellShared(0, ["type": "log"])
        try tellShared(1, removal(pod, "a"))
        try stream.drain(reader.sink)
        #expect(reader.names == ["a"])
        #expect(try resumed(position).names == ["a"])
    }
}
