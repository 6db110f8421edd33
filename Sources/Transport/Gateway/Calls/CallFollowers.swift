import ByteText
import CallRecords
import JSON
import NIOCore
import ServiceLifecycle
import Synchronization

/// The flight recorder's calls as server-sent events, for each who follows.
///
/// What must always hold: nothing is buffered for anybody. A follower takes from the recorder what ended since it last took something; who
/// is so slow that calls had to make room meanwhile is told by an event `gap`.
package final class CallFollowers: Service {
    let recorder: CallRecorder
    private let heartbeat: Duration
    /// Of this process: numbers of another one say nothing here.
    private let boot = String(UInt32.random(in: 0 ... .max), radix: 16)

    /// - Parameter heartbeat: how often a follower hears that the daemon is there.
    package init(recorder: CallRecorder, heartbeat: Duration = .seconds(15)) {
        self.recorder = recorder
        self.heartbeat = heartbeat
    }

    /// Has those who wait give their signs of life, until the daemon stops.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: self.heartbeat)) != nil { self.recorder.wake() }
        }
    }

    /// What is kept, and everything from now on.
    ///
    /// - Parameter lastID: the id of the last event that the client has seen (`Last-Event-ID`); only what came after it.
    func frames(after lastID: String?, _ filter: CallFilter) -> AsyncThrowingStream<ByteBuffer, any Error> {
        let follower = Follower(recorder, filter, boot: boot, place: place(lastID), heartbeat: heartbeat)
        return AsyncThrowingStream { await follower.next() }
    }

    /// The number that a client has seen; nil with a gap for an id that is none of this process.
    private func place(_ lastID: String?) -> Follower.Place {
        guard let lastID else { return .beginning }
        let last = recorder.lastNumber
        guard let (ofBoot, digits) = lastID.cutLast(at: "-"), ofBoot.isSame(as: boot),
            let number = UInt64(digits: digits), number <= last
        else { return .lost(last) }
        return .after(number)
    }
}

/// One who follows. Asked by one task only: the stream that is made of it.
private final class Follower: @unchecked Sendable {
    enum Place {
        case beginning, after(UInt64), lost(UInt64)
    }

    /// So many calls at most are one piece.
    private static let most = 64

    private let recorder: CallRecorder
    private let filter: CallFilter
    private let boot: String
    private let heartbeat: Duration
    private let wakeups: AsyncStream<Void>
    private var iterator: AsyncStream<Void>.Iterator
    private var number: UInt64 = 0
    /// What was read and not told yet, the next one last.
    private var waiting: [CallRecord] = []
    private var hasGap = false
    private var isFirst = true
    private var lastSent = ContinuousClock.now

    init(_ recorder: CallRecorder, _ filter: CallFilter, boot: String, place: Place, heartbeat: Duration) {
        self.recorder = recorder
        self.filter = filter
        self.boot = boot
        self.heartbeat = heartbeat
        // Before anything is read: what ends meanwhile is a wake-up.
        wakeups = recorder.wakeups()
        iterator = wakeups.makeAsyncIterator()
        switch place {
        case .beginning: takePast()
        case .after(let number): self.number = number
        case .lost(let number): (self.number, hasGap) = (number, true)
        }
    }

    func next() async -> ByteBuffer? {
        if isFirst {
            isFirst = false
            return sent(ByteBuffer(string: "retry: 1000\n: rktlet's calls\n\n"))
        }
        while true {
            if waiting.isEmpty { takeNews() }
            if hasGap || !waiting.isEmpty { return sent(piece()) }
            guard await iterator.next() != nil, !Task.isCancelled else { return nil }
            takeNews()
            if waiting.isEmpty, !hasGap, ContinuousClock.now - lastSent >= heartbeat {
                return sent(ByteBuffer(string: ": still here\n\n"))
            }
        }
    }

    /// To whom starts anew nothing is missing that is not there any more.
    private func takePast() {
        let (calls, _, last) = recorder.ended(after: 0, routine: filter.all)
        waiting = filter.chosen(calls).reversed()
        number = last
    }

    private func takeNews() {
        let (calls, gap, last) = recorder.ended(after: number, routine: filter.all)
        waiting = calls.filter(filter.matches).reversed()
        hasGap = hasGap || gap
        number = last
    }

    private func piece() -> ByteBuffer {
        var buffer = ByteBuffer()
        if hasGap {
            hasGap = false
            buffer.writeString("event: gap\ndata: {}\n\n")
        }
        for _ in 0..<min(Self.most, waiting.count) {
            let call = waiting.removeLast()
            var json = JSONText()
            call.write(&json)
            buffer.writeString("id: \(boot)-\(call.number)\nevent: call\ndata: ")
            buffer.writeBytes(json.bytes)
            buffer.writeString("\n\n")
        }
        return buffer
    }

    private func sent(_ buffer: ByteBuffer) -> ByteBuffer {
        lastSent = .now
        return buffer
    }
}
