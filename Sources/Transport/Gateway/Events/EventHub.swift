import ByteText
import Domain
import JSON
import NIOCore
import ServiceLifecycle
import Synchronization

/// Turns the domain's events into server-sent events, once for all subscribers, and hands them out.
///
/// What must always hold: handing out never waits; a subscriber that is too slow is dropped, after which it comes again with the last id it
/// has seen; ids rise by one, and a gap is told as an event of its own.
package final class EventHub: Service {
    private typealias Subscriber = AsyncThrowingStream<ByteBuffer, any Error>.Continuation

    private struct State {
        var lastNumber: UInt64 = 0
        /// The newest events, for who comes again.
        var recent: [(number: UInt64, frame: ByteBuffer)] = []
        var subscribers: [UInt64: (subscriber: Subscriber, drop: @Sendable () -> Void)] = [:]
        var lastSubscriber: UInt64 = 0
        var isClosed = false

        /// - Returns: those who are too slow; they are no longer subscribers.
        mutating func hand(
            _ frame: ByteBuffer, mustArrive: Bool = true
        ) -> [(AsyncThrowingStream<ByteBuffer, any Error>.Continuation, @Sendable () -> Void)] {
            var slow: [(AsyncThrowingStream<ByteBuffer, any Error>.Continuation, @Sendable () -> Void)] = []
            for (number, entry) in subscribers {
                if case .dropped = entry.subscriber.yield(frame), mustArrive {
                    subscribers[number] = nil
                    slow.append((entry.subscriber, entry.drop))
                }
            }
            return slow
        }
    }

    /// How many events a subscriber may be behind, and how many are kept for who comes again.
    static let depth = 256

    private let useCases: UseCases
    private let heartbeat: Duration
    /// Of this process: numbers of another one say nothing here.
    private let boot: String
    /// From before anybody can subscribe.
    private let firstEvents: AsyncThrowingStream<ContainerEvent, any Error>
    private let state = Mutex(State())

    /// - Parameter heartbeat: how often a subscriber hears that the daemon is there.
    package init(useCases: UseCases, heartbeat: Duration = .seconds(15)) {
        self.useCases = useCases
        self.heartbeat = heartbeat
        boot = String(UInt32.random(in: 0 ... .max), radix: 16)
        firstEvents = useCases.containerEvents()
    }

    package var subscriberCount: Int { state.withLock { $0.subscribers.count } }

    /// Hands out until the daemon stops; then every subscriber's stream ends.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.beat() }
                await self.follow()
                group.cancelAll()
            }
        }
        close()
    }

    /// - Parameters:
    ///   - lastID: the id of the last event that the client has seen (`Last-Event-ID`).
    ///   - drop: called when the subscriber is too slow.
    func subscribe(
        after lastID: String?, drop: @escaping @Sendable () -> Void
    ) -> AsyncThrowingStream<ByteBuffer, any Error> {
        let (stream, subscriber) = AsyncThrowingStream.makeStream(
            of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(2 * Self.depth + 2))
        let number = state.withLock { state -> UInt64? in
            subscriber.yield(ByteBuffer(string: "retry: 1000\n: rktlet's events\n\n"))
            for frame in missed(since: lastID, state) { subscriber.yield(frame) }
            guard !state.isClosed else { return nil }
            state.lastSubscriber += 1
            state.subscribers[state.lastSubscriber] = (subscriber, drop)
            return state.lastSubscriber
        }
        guard let number else {
            subscriber.finish()
            return stream
        }
        subscriber.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.subscribers.removeValue(forKey: number) }
        }
        return stream
    }

    private func missed(since lastID: String?, _ state: borrowing State) -> [ByteBuffer] {
        guard let lastID else { return [] }
        let first = (state.recent.first?.number ?? state.lastNumber + 1)
        // The number is the client's own: one more than it may be too large.
        guard let (ofBoot, digits) = lastID.cutLast(at: "-"), ofBoot.isSame(as: boot),
            let number = UInt64(digits: digits), number <= state.lastNumber, number + 1 >= first
        else { return [gap(at: state.lastNumber)] }
        return state.recent.filter { $0.number > number }.map(\.frame)
    }

    /// Events were lost: what the client knows it must list again.
    private func gap(at number: UInt64) -> ByteBuffer {
        ByteBuffer(string: "id: \(boot)-\(number)\nevent: gap\ndata: {}\n\n")
    }

    private func follow() async {
        var events = firstEvents
        while !Task.isCancelled {
            do {
                for try await event in events { publish(event) }
                return
            } catch {
                // Too slow for the domain: what was lost, nobody here knows. From here on nothing is, for whoever lists again now.
                events = useCases.containerEvents()
                publish(type: "gap", data: Array("{}".utf8))
            }
        }
    }

    private func publish(_ event: ContainerEvent) {
        var json = JSONText()
        event.write(&json)
        publish(type: event.kind.jsonName, data: json.bytes)
    }

    private func publish(type: String, data: [UInt8]) {
        let slow = state.withLock { state in
            state.lastNumber += 1
            var frame = ByteBuffer(string: "id: \(boot)-\(state.lastNumber)\nevent: \(type)\ndata: ")
            frame.writeBytes(data)
            frame.writeString("\n\n")
            state.recent.append((state.lastNumber, frame))
            if state.recent.count > 2 * Self.depth { state.recent.removeFirst(Self.depth) }
            return state.hand(frame)
        }
        for (subscriber, drop) in slow {
            subscriber.finish()
            drop()
        }
    }

    private func beat() async {
        while (try? await Task.sleep(for: heartbeat)) != nil {
            _ = state.withLock { state in state.hand(ByteBuffer(string: ": still here\n\n"), mustArrive: false) }
        }
    }

    private func close() {
        let subscribers = state.withLock { state in
            state.isClosed = true
            return state.subscribers.values.map(\.subscriber)
        }
        for subscriber in subscribers { subscriber.finish() }
    }
}
