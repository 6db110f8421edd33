import Glibc
import Synchronization
import Testing

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct OutputPumpTests {
    let scratch = Scratch()
    var path: String { "\(scratch.path)/log" }
    private let loop: EventLoop
    private let work: Offload

    init() throws {
        loop = try EventLoop()
        work = try Offload(loop: loop)
    }

    private func output(_ path: String) throws -> (AppOutput, OutputPump) {
        let output = try AppOutput(loop: loop, work: work)
        var opened: Result<Void, EngineError>?
        output.openLog(path) { opened = $0 }
        try turn(loop) { opened != nil }
        try opened?.get()
        return (output, output.pump)
    }

    private func contents(_ path: String) -> [String] {
        (Scratch.text(path) ?? "").split(separator: "\n").map { line in
            String(line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false)[3])
        }
    }

    private func send(_ text: String, _ pipe: Pipe) {
        var text = text
        #expect(text.withUTF8 { write(pipe.writer.raw, $0.baseAddress, $0.count) } == text.utf8.count)
    }

    /// A disk that takes nothing until the gate is opened.
    private final class Gate: Sendable {
        private let isOpen = Mutex(false)
        func open() { isOpen.withLock { $0 = true } }

        func block(_ pump: OutputPump) {
            pump.setSystem { descriptor, bytes, count in
                while !self.isOpen.withLock({ $0 }) { usleep(1000) }
                return write(descriptor, bytes, count)
            }
        }
    }

    @Test func `What is written is logged by the worker, and the loop waits for more`() throws {
        let pipe = try Pipe()
        let (output, _) = try output(path)
        try output.add(pipe.reader, .stdout)
        for number in 0..<5 {
            send("line \(number)\n", pipe)
            try turn(loop) { contents(path).count == number + 1 }
        }
        #expect(contents(path) == (0..<5).map { "line \($0)" })
    }

    /// It held up the end of each container for as long as the pump is patient.
    @Test func `Nothing is waited for once every source has ended`() throws {
        let pump = try OutputPump(patience: -1)
        defer { pump.close() }
        try pump.openLog(path)
        let reader: Descriptor
        do {
            let pipe = try Pipe()
            send("last words\n", pipe)
            reader = pipe.reader
        }
        let source = OutputPump.Source(descriptor: reader.raw, stream: .stdout)
        #expect(pump.run([source], mayWait: true).ended == [source])
        #expect(contents(path) == ["last words"])
    }

    @Test func `A flood takes no step of the loop`() throws {
        let pipe = try Pipe()
        let (output, pump) = try output(path)
        pump.setSystem { _, _, count in count }
        try output.add(pipe.reader, .stdout)
        let bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: 64 << 10)
        let writer = pipe.writer.raw
        var isDone = false
        work.run(
            Worker(), "flood",
            {
                for _ in 0..<64 { _ = bytes.withUnsafeBytes { write(writer, $0.baseAddress, $0.count) } }
            }
        ) { isDone = true }
        try turn(loop) { isDone }
        #expect(loop.meter.json["most_in_a_step"]?["bytes"] == 0)
        // A read gets a page at least.
        #expect(loop.meter.steps < 64 * 32, "4 million lines")
    }

    @Test func `A log that takes nothing holds up neither the loop nor another app's log, and loses nothing`() throws {
        let (slow, fast, gate) = (try Pipe(), try Pipe(), Gate())
        let (slowOutput, pump) = try output(path)
        let (fastOutput, _) = try output(path + "2")
        gate.block(pump)
        try slowOutput.add(slow.reader, .stdout)
        try fastOutput.add(fast.reader, .stdout)
        send("slow\n", slow)
        try turn(loop) { slowOutput.isBusy }
        send("fast\n", fast)
        try turn(loop) { contents(path + "2") == ["fast"] }
        #expect(contents(path).isEmpty)
        send("later\n", slow)
        gate.open()
        try turn(loop) { contents(path) == ["slow", "later"] }
    }

    @Test func `The end waits for the log, and no longer than a bound for one that takes nothing`() throws {
        let (pipe, gate) = (try Pipe(), Gate())
        let (output, pump) = try output(path)
        gate.block(pump)
        try output.add(pipe.reader, .stdout)
        send("last words\n", pipe)
        try turn(loop) { output.isBusy }
        pipe.writer.close()
        var isDrained = false
        output.drain { isDrained = true }
        try turn(loop) { isDrained }
        #expect(contents(path).isEmpty)
        gate.open()
        try turn(loop) { contents(path) == ["last words"] }
    }

    @Test(arguments: [false, true])
    func `At the end everything is read that was written`(isHeldOpen: Bool) throws {
        let pipe = try Pipe()
        let (output, _) = try output(path)
        try output.add(pipe.reader, .stdout)
        send(String(repeating: "a line\n", count: 9000), pipe)
        if !isHeldOpen { pipe.writer.close() }
        var isDrained = false
        output.drain { isDrained = true }
        try turn(loop) { isDrained }
        #expect(contents(path).count == 9000)
    }

    @Test func `Reopening between two reads loses and doubles nothing`() throws {
        let pipe = try Pipe()
        let (output, _) = try output(path)
        try output.add(pipe.reader, .stdout)
        var parts: [String] = []
        for number in 0..<50 {
            send("\(number)\n", pipe)
            let part = "\(path).\(number)"
            rename(path, part)
            parts.append(part)
            var isReopened = false
            output.reopenLog { if case .success = $0 { isReopened = true } }
            try turn(loop) { isReopened }
        }
        pipe.writer.close()
        var isDrained = false
        output.drain { isDrained = true }
        try turn(loop) { isDrained }
        #expect((parts + [path]).flatMap(contents) == (0..<50).map(String.init))
    }
}
