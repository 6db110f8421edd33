import Glibc
import JSON
import Synchronization
import Testing
import Waiting

import class Foundation.Thread

@testable import GantryCore

/// Collects the lines of a stream as a reader would.
final class Reader {
    var lines: [JSON] = []
    /// Stops the stream, as a reader that was killed, once this many lines have come.
    var killAfter = Int.max

    var sink: EventStream.Sink {
        { [self] (line) throws(EngineError) in
            if lines.count >= killAfter { throw EngineError(.internal, "killed") }
            let parsed = try? JSON(parsing: UnsafeRawBufferPointer(rebasing: line.dropLast()))
            lines.append(parsed ?? .string("not JSON: \(String(decoding: line, as: UTF8.self))"))
        }
    }

    var types: [String] { types(from: 0) }
    /// The numbers of the deltas.
    var numbers: [UInt64] { numbers(from: 0) }

    func types(from start: Int) -> [String] {
        lines.dropFirst(max(0, start)).compactMap { $0["type"]?.stringValue }
    }

    func numbers(from start: Int) -> [UInt64] {
        lines.dropFirst(max(0, start)).filter { $0["type"] == "images" }.compactMap { $0["seq"]?.uint64Value }
    }
}

@Suite(.timeLimit(.minutes(10)))
struct EventLogTests {
    let scratch = Scratch()
    var store: PodStore { scratch.store }
    var logPath: String { "\(scratch.path)/run/engine/events/log" }

    private func log(rotateAt: Int64 = 8 << 20) throws -> EventLog {
        try EventLog(runDir: store.runDir, rotateAt: rotateAt)
    }

    @Test func `Numbers follow one another, across writers and new openings`() throws {
        let first = try log()
        let second = try log()
        #expect(try first.append(.images) == 1)
        #expect(try second.append([.images, .podRemoved(.random())]) == 3)
        #expect(try first.append(.images) == 4)
        #expect(try log().append(.images) == 5)
        #expect(try log().lastSequence().sequence == 5)
    }

    @Test func `A reader begins with a snapshot and then sees every delta`() throws {
        let log = try log()
        let pod = try scratch.pod(apps: ["a"])
        try log.append(.pod(store.record(pod.uuid)))
        let reader = Reader()
        let stream = try EventStream(store: store)
        try stream.beginWithSnapshot(reader.sink)
        #expect(reader.types == ["snapshot", "pod", "snapshot-end"])
        #expect(reader.lines.first?["seq"] == 1)
        #expect(reader.lines[1]["pod"]?["app_names"] == ["a"])
        try stream.drain(reader.sink)
        #expect(reader.lines.count == 3)
        try log.append(.app(pod: pod.uuid, AppRecord(name: AppName("a"), createdAt: 1)))
        try log.append(.appRemoved(pod: pod.uuid, AppName("a")))
        try stream.drain(reader.sink)
        #expect(reader.types.suffix(2) == ["app", "app-removed"])
        #expect(reader.lines.last?["seq"] == 3)
        #expect(reader.lines.last?["boot"]?.stringValue == (try store.bootID()))
    }

    @Test func `A reader that is killed at any record and comes back misses and doubles nothing`() throws {
        let log = try log()
        for _ in 0..<12 { try log.append(.images) }
        let boot = try store.bootID()
        for kill in 0...12 {
            let first = Reader()
            first.killAfter = kill
            let stream = try EventStream(store: store)
            try stream.begin(after: 0, boot: boot, first.sink)
            _ = try? stream.drain(first.sink)
            #expect(first.numbers.count == kill)
            let second = Reader()
            let resumed = try EventStream(store: store)
            try resumed.begin(after: first.numbers.last ?? 0, boot: boot, second.sink)
            try resumed.drain(second.sink)
            #expect(first.numbers + second.numbers == Array(1...12))
        }
    }

    @Test func `A line cut at any byte is closed by the next writer, and its number is used again`() throws {
        try log().append(.images)
        let members: [String: JSON] = ["type": "x", "o": ["a": ["b": 1]]]
        let length = try EventLine.encode(100, boot: store.bootID(), members).utf8.count
        for cut in 1..<length {
            let stream = try EventStream(store: store)
            let reader = Reader()
            let before = try log().lastSequence().sequence
            try stream.begin(after: before, boot: store.bootID(), reader.sink)
            let whole = EventLine.encode(before + 1, boot: try store.bootID(), members)
            if cut >= whole.utf8.count { continue }
            let file = try #require(fopen(logPath, "a"))
            fputs(String(whole.prefix(cut)), file)
            fclose(file)
            try stream.drain(reader.sink)
            #expect(reader.lines.isEmpty)
            #expect(try log().append(.images) == before + 1)
            try stream.drain(reader.sink)
            #expect(reader.lines.count == 1 && reader.numbers == [before + 1], "cut at \(cut): \(reader.lines)")
        }
    }

    @Test func `A reader follows rotations without gap`() throws {
        let writer = try log(rotateAt: 600)
        try writer.append(.images)
        let reader = Reader()
        let stream = try EventStream(store: store)
        try stream.begin(after: 0, boot: store.bootID(), reader.sink)
        for _ in 0..<200 {
            try writer.append(.images)
            try stream.drain(reader.sink)
        }
        #expect(Scratch.exists(logPath + ".1"))
        #expect(reader.numbers == Array(1...201))
        #expect(!reader.types.contains("gap"))
    }

    @Test func `A reader that slept over one rotation resumes; over two it is told of the gap`() throws {
        let writer = try log(rotateAt: 600)
        try writer.append(.images)
        let stream = try EventStream(store: store)
        let reader = Reader()
        try stream.begin(after: 1, boot: store.bootID(), reader.sink)
        func rotateOnce() throws {
            let before = try inode()
            while try inode() == before { try writer.append(.images) }
        }
        try rotateOnce()
        try stream.drain(reader.sink)
        #expect(!reader.types.contains("gap"))
        let seen = try #require(reader.numbers.last)
        #expect(reader.numbers == Array(2...seen))
        try rotateOnce()
        try rotateOnce()
        try rotateOnce()
        try stream.drain(reader.sink)
        #expect(reader.types.contains("gap"))
        #expect(reader.types.suffix(2) == ["snapshot", "snapshot-end"])
        try writer.append(.images)
        try stream.drain(reader.sink)
        #expect(try reader.numbers.last == writer.lastSequence().sequence)
    }

    private func inode() throws -> UInt {
        var info = stat()
        try #require(stat(logPath, &info) == 0)
        return UInt(info.st_ino)
    }

    @Test func `Resuming from another boot, or from a number that never was, gives a gap and a snapshot`() throws {
        try log().append(.images)
        for (sequence, boot) in [(1, "another"), (7, try store.bootID())] {
            let reader = Reader()
            try EventStream(store: store).begin(after: UInt64(sequence), boot: boot, reader.sink)
            #expect(reader.types == ["gap", "snapshot", "snapshot-end"])
        }
    }

    @Test func `A kill between the two renames of a rotation loses nothing`() throws {
        try log().append([.images, .images])
        rename(logPath, logPath + ".1")
        #expect(try log().append(.images) == 3)
        let reader = Reader()
        let stream = try EventStream(store: store)
        try stream.begin(after: 0, boot: store.bootID(), reader.sink)
        try stream.drain(reader.sink)
        #expect(reader.numbers == [1, 2, 3])
    }

    @Test(arguments: [1, 10, 40, 100, 1 << 20])
    func `The last number is found from the end, whatever the window cuts`(window: Int64) throws {
        let log = try log()
        for count in 1...20 {
            try log.append(.images)
            let file = open(logPath, O_RDONLY)
            defer { close(file) }
            let tail = try EventFiles.tail(file, window: window)
            #expect(tail.sequence == UInt64(count))
            #expect(tail.end == Int64(lseek(file, 0, SEEK_END)))
        }
        let file = try #require(fopen(logPath, "a"))
        fputs("{\"seq\":21,\"cu", file)
        fclose(file)
        let cut = open(logPath, O_RDONLY)
        defer { close(cut) }
        let tail = try EventFiles.tail(cut, window: window)
        #expect(tail.sequence == 20)
        #expect(tail.end == Int64(lseek(cut, 0, SEEK_END)) - 13)
    }

    @Test func `A log of another boot begins anew`() throws {
        try log().append([.images, .images])
        let old = try store.bootID()
        unlink("\(scratch.path)/run/engine/boot")
        #expect(try log().append(.images) == 1)
        let reader = Reader()
        try EventStream(store: store).begin(after: 1, boot: old, reader.sink)
        #expect(reader.types.first == "gap")
    }

    @Test func `What is appended just before a rotation is read from the old file`() throws {
        let writer = try log(rotateAt: 600)
        try writer.append(.images)
        let reader = Reader()
        let stream = try EventStream(store: store)
        try stream.begin(after: 0, boot: store.bootID(), reader.sink)
        let before = try inode()
        stream.atEnd = { () throws(EngineError) in
            while (try? inode()) == before { try writer.append(.images) }
        }
        try stream.drain(reader.sink)
        #expect(try reader.numbers == Array(1...writer.lastSequence().sequence))
        #expect(!reader.types.contains("gap"))
    }

    @Test func `A writer waits while somebody looks at a state that must stand still`() async throws {
        try log().append(.images)
        let directory = try EventFiles.open(runDir: store.runDir)
        defer { close(directory) }
        let lock = try EventFiles.lock(directory, LOCK_SH)
        var info = stat()
        try #require(fstat(lock, &info) == 0)
        let inode = info.st_ino
        let store = store
        let appended = Seen()
        // A thread of its own: the writer blocks, which must not take one of the few that tasks share.
        Thread.detachNewThread {
            let number = try? EventLog(runDir: store.runDir).append(.images)
            appended.number.store(number ?? .max, ordering: .releasing)
        }
        // The kernel lists a waiter under the lock it waits for (proc(5), /proc/locks).
        try await until("the writer at the lock") {
            appended.number.load(ordering: .acquiring) != 0 || isAwaited(inode)
        }
        #expect(appended.number.load(ordering: .acquiring) == 0)
        close(lock)
        try await until("the event") { appended.number.load(ordering: .acquiring) != 0 }
        #expect(appended.number.load(ordering: .acquiring) == 2)
    }

    private func isAwaited(_ inode: ino_t) -> Bool {
        (Scratch.text("/proc/locks") ?? "").split(separator: "\n").contains { line in
            line.contains("->") && line.contains(":\(inode) ")
        }
    }

    @Test func `Concurrent writers make no gap and no double, and a follower over rotations sees all in order`()
        async throws
    {
        let store = store
        let total = UInt64(1000)
        let seen = Seen()
        let boot = try store.bootID()
        _ = try log().lastSequence()
        let numbers = try await withThrowingTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<2 {
                group.addTask {
                    let log = try EventLog(runDir: store.runDir, rotateAt: 2000)
                    var last: UInt64 = 0
                    // Never further ahead of the follower than half a file: two rotations at once would be a rightful gap.
                    while last < total {
                        try await until("the follower at event \(last - 5)") {
                            last <= seen.number.load(ordering: .acquiring) + 5
                        }
                        last = try log.append(.images)
                    }
                    return []
                }
            }
            group.addTask {
                let reader = Reader()
                let stream = try EventStream(store: store)
                try stream.begin(after: 0, boot: boot, reader.sink)
                while (reader.numbers(from: reader.lines.count - 1).last ?? 0) < total {
                    try stream.drain(reader.sink)
                    await Task.yield()
                    let last = reader.lines.last?["seq"]?.uint64Value ?? 0
                    seen.number.store(last, ordering: .releasing)
                    if reader.types(from: reader.lines.count - 1).contains("snapshot-end") { break }
                }
                seen.number.store(.max - 8, ordering: .releasing)
                return reader.types.contains("gap") ? [] : reader.numbers
            }
            var collected: [UInt64] = []
            for try await part in group where !part.isEmpty { collected = part }
            return collected
        }
        #expect(numbers.count >= Int(total))
        #expect(numbers == Array(1...UInt64(max(1, numbers.count))))
    }
}

/// How far the follower has come.
final class Seen: Sendable {
    let number = Atomic<UInt64>(0)
}
