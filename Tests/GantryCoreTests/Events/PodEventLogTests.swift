import Glibc
import JSON
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct PodEventLogTests {
    let scratch = Scratch()
    var store: PodStore { scratch.store }
    let uuid = PodUUID.random()
    var path: String { "\(scratch.path)/run/engine/events/\(uuid)" }

    private func log(rotateAt: Int64 = 32 << 10) throws -> PodEventLog {
        try PodEventLog(uuid, runDir: store.runDir, rotateAt: rotateAt)
    }

    private func read(_ cursor: inout PodCursor) throws -> PodCursor.Outcome {
        let directory = try Descriptor(EventFiles.open(runDir: store.runDir), "open")
        return try cursor.read(
            directory.raw, uuid.string, previous: EventFiles.previous(uuid), boot: store.bootID())
    }

    @Test func `Numbers follow one another, across new openings`() throws {
        let first = try log()
        let begin = first.last
        #expect(try first.append(named: "a", of: uuid) == begin + 1)
        #expect(try first.append(named: "b", of: uuid) == begin + 2)
        #expect(try log().append(named: "c", of: uuid) == begin + 3)
        #expect(try log().last == begin + 3)
    }

    @Test func `A line cut at any byte is closed by the next writer, and its number is used again`() throws {
        var cursor = PodCursor()
        try log().append(named: "a", of: uuid)
        _ = try read(&cursor)
        let whole = EventLine.encode(cursor.last + 1, ["type": "x", "o": ["a": ["b": 1]]])
        for cut in 1..<whole.utf8.count {
            let next = cursor.last + 1
            let file = try #require(fopen(path, "a"))
            fputs(String(EventLine.encode(next, ["type": "x", "o": ["a": ["b": 1]]]).prefix(cut)), file)
            fclose(file)
            #expect(try read(&cursor) == .lines([]))
            #expect(try log().append(named: "a", of: uuid) == next)
            guard case .lines(let lines) = try read(&cursor) else { throw Lost() }
            #expect(lines.count == 1 && cursor.last == next, "cut at \(cut)")
        }
    }

    @Test func `A reader follows new files without gap, and is told when it slept over two`() throws {
        let writer = try log(rotateAt: 600)
        var cursor = PodCursor()
        let begin = writer.last
        for count in 1...100 {
            try writer.append(named: "a", of: uuid)
            guard case .lines(let lines) = try read(&cursor) else { throw Lost() }
            #expect(lines.count == 1 && cursor.last == begin + UInt64(count))
        }
        #expect(Scratch.exists(path + ".1"))
        func sleep(over files: Int) throws {
            for _ in 0..<files {
                let before = try inode()
                while try inode() == before { try writer.append(named: "a", of: uuid) }
            }
        }
        var resumed = PodCursor(resumingAt: cursor.last)
        try sleep(over: 1)
        for _ in 0..<2 {
            let last = cursor.last
            guard case .lines(let lines) = try read(&cursor), case .lines(let again) = try read(&resumed) else {
                throw Lost()
            }
            #expect(lines == again && lines.count == Int(writer.last - last) && cursor.last == writer.last)
            try sleep(over: 1)
        }
        try sleep(over: 2)
        #expect(try read(&cursor) == .lost)
        #expect(try read(&resumed) == .lost)
    }

    private func inode() throws -> UInt {
        var info = stat()
        try #require(stat(path, &info) == 0)
        return UInt(info.st_ino)
    }

    @Test func `A number that is missing is a gap`() throws {
        let writer = try log()
        try writer.append(named: "a", of: uuid)
        var cursor = PodCursor()
        #expect(try read(&cursor) != .lost)
        // As its writer leaves it: an event that failed keeps its number.
        let file = try #require(fopen(path, "a"))
        fputs(EventLine.encode(cursor.last + 2, ["type": "x"]), file)
        fclose(file)
        #expect(try read(&cursor) == .lost)
    }

    @Test func `Another life of the pod, and another boot, begin with greater numbers`() throws {
        try log().append(named: "a", of: uuid)
        var cursor = PodCursor()
        _ = try read(&cursor)
        try RemovedPods.tell(uuid, runDir: store.runDir)
        #expect(try read(&cursor) == .absent)
        try log().append(named: "b", of: uuid)
        #expect(try log().last > cursor.last)
        #expect(try read(&cursor) == .other)
        let before = try log().last
        unlink("\(scratch.path)/run/engine/boot")
        #expect(try log().last > before)
        var fresh = PodCursor()
        #expect(try read(&fresh) == .lines([]))
    }

    @Test func `A writer goes on where its file was taken away`() throws {
        let writer = try log()
        try writer.append(named: "a", of: uuid)
        unlink(path)
        try writer.append(named: "b", of: uuid)
        var cursor = PodCursor()
        guard case .lines(let lines) = try read(&cursor) else { throw Lost() }
        #expect(lines.count == 1)
    }

    private struct Lost: Error {}
}
