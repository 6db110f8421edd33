import Domain
import DomainFakes
import NIOCore
import Synchronization
import Testing
import Waiting

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct EventHubTests {
    /// Runs a hub on a fake node for as long as `body` does. It gives no sign of life between events, however slow.
    private func withHub(_ body: (EventHub, UseCases) async throws -> Void) async throws {
        let node = FakeNode()
        let useCases = node.useCases()
        let hub = EventHub(useCases: useCases, heartbeat: .seconds(86_400))
        let run = Task { try await hub.run() }
        try await until("the hub's subscription") { useCases.context.index.events.hasSubscribers }
        try await body(hub, useCases)
        useCases.context.index.events.close()
        try await run.value
    }

    private func next(_ iterator: inout AsyncThrowingStream<ByteBuffer, any Error>.Iterator) async throws -> String {
        String(buffer: try #require(try await iterator.next()))
    }

    @Test func `events come with rising ids, and who comes again gets what was missed`() async throws {
        try await withHub { hub, useCases in
            var all = hub.subscribe(after: nil, drop: {}).makeAsyncIterator()
            #expect(try await next(&all).hasPrefix("retry: "))
            _ = try await useCases.runPodSandbox(.fake("web"))
            let first = try await next(&all)
            #expect(first.contains("event: CONTAINER_CREATED_EVENT\ndata: {"))
            let id = try #require(first.split(separator: "\n").first?.dropFirst(4))
            let second = try await next(&all)
            var again = hub.subscribe(after: String(id), drop: {}).makeAsyncIterator()
            _ = try await next(&again)
            #expect(try await next(&again) == second)
            var stranger = hub.subscribe(after: "other-1", drop: {}).makeAsyncIterator()
            _ = try await next(&stranger)
            #expect(try await next(&stranger).contains("event: gap\n"))
            // The last of all numbers is one from outside.
            let boot = try #require(id.split(separator: "-").first)
            var last = hub.subscribe(after: "\(boot)-\(UInt64.max)", drop: {}).makeAsyncIterator()
            _ = try await next(&last)
            #expect(try await next(&last).contains("event: gap\n"))
        }
    }

    @Test(arguments: ["18446744073709551615", "18446744073709551614", "18446744073709551616", "-1", "+1", "9999999999"])
    func `the last id is a client's, and ends nothing but its own stream's past`(number: String) async throws {
        try await withHub { hub, useCases in
            var all = hub.subscribe(after: nil, drop: {}).makeAsyncIterator()
            _ = try await next(&all)
            _ = try await useCases.runPodSandbox(.fake("web"))
            let first = try await next(&all)
            let id = try #require(first.split(separator: "\n").first?.dropFirst(4))
            let boot = try #require(id.split(separator: "-").first)
            var forged = hub.subscribe(after: "\(boot)-\(number)", drop: {}).makeAsyncIterator()
            _ = try await next(&forged)
            let answer = try await next(&forged)
            #expect(number == "+1" || answer.contains("event: gap\n"))
        }
    }

    @Test func `a subscriber that does not read is dropped, and holds nobody up`() async throws {
        try await withHub { hub, useCases in
            let isDropped = Mutex(false)
            let slow = hub.subscribe(after: nil, drop: { isDropped.withLock { $0 = true } })
            var quick = hub.subscribe(after: nil, drop: {}).makeAsyncIterator()
            _ = try await next(&quick)
            // A pod is made and removed: several events each.
            for number in 0..<EventHub.depth {
                let pod = try await useCases.runPodSandbox(.fake("p\(number)"))
                _ = try await next(&quick)
                try await useCases.removePodSandbox(pod)
                var text = ""
                while !text.contains("DELETED") { text = try await next(&quick) }
            }
            #expect(isDropped.withLock { $0 })
            #expect(hub.subscriberCount == 1)
            var count = 0
            for try await _ in slow { count += 1 }
            #expect(count == 2 * EventHub.depth + 2)
        }
    }
}
