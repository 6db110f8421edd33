import GRPCCore
import NIOCore
import NIOEmbedded
import Testing

@testable import GRPCTransport

@Suite("What the processes take of what all connections share", .timeLimit(.minutes(10)))
struct PeerSharesTests {
    private let shares = PeerShares(limits: .init(calls: 12, responseBytes: 1_200))

    @Test("is all of the calls for a process that is alone, and an equal share for one that comes later")
    func calls() {
        let flood = (0..<3).map { _ in shares.connection(of: 7) }
        var taken = (0..<30).compactMap { flood[$0 % 3].call() }
        #expect(taken.count == 12 && shares.calls == 12)
        let kubelet = shares.connection(of: 8)
        let own = (0..<30).compactMap { _ in kubelet.call() }
        #expect(own.count == 6, "half of what there is, beside those that are taken")
        #expect(flood[0].call() == nil)
        taken.removeAll()
        #expect(shares.calls == 6 && flood[0].call() != nil)
    }

    @Test("is counted by the process, whose connections may come and go")
    func reconnecting() {
        var taken: [CallPlace] = []
        for _ in 0..<5 { taken += (0..<4).compactMap { _ in shares.connection(of: 7).call() } }
        #expect(taken.count == 12 && shares.peers == 1)
        let other = shares.connection(of: 8)
        #expect(shares.connection(of: 7).call() == nil && other.call() != nil)
        taken.removeAll()
        #expect(shares.peers == 1 && shares.calls == 0)
    }

    @Test("is bounded by twice the limit, however many processes there are")
    func many() {
        let connections = (1...100).map { shares.connection(of: $0) }
        let taken = (0..<50).flatMap { _ in connections.compactMap { $0.call() } }
        #expect(taken.count <= 24 && shares.calls == taken.count)
    }

    @Test(
        "is of responses that nobody reads as much as there is, and no more than an equal share when it is too much together"
    )
    func responses() {
        let hoarder = shares.connection(of: 7)
        let reader = shares.connection(of: 8)
        let memory = ConnectionMemory(within: hoarder.responses)
        memory.charge(1_200)
        #expect(hoarder.excess() == 0 && hoarder.excess(adding: 1) == 601)
        memory.charge(100)
        #expect(hoarder.excess() == 700 && reader.excess(adding: 600) == 0 && reader.excess(adding: 700) == 100)
        memory.release(1_300)
        #expect(hoarder.excess() == 0 && shares.responses.used == 0)
    }

    @Test("keeps a writer from adding what is too much, but for the one message of a process")
    func writer() async throws {
        let hoarder = shares.connection(of: 7)
        let others = shares.connection(of: 8)
        let (own, foreign) = (ConnectionMemory(within: hoarder.responses), ConnectionMemory(within: others.responses))
        foreign.charge(1_100)
        func writer(_ share: PeerShare, _ memory: ConnectionMemory) -> ResponseWriter {
            ResponseWriter(
                highWaterMark: 100_000, memory: memory, memoryLimit: 100_000, share: share, isUnary: false,
                cancellation: CancellationRelay()
            ) {}
        }
        let first = writer(hoarder, own)
        try await first.write(.metadata([:]))
        try await first.write(.message([UInt8](repeating: 0, count: 5_000)))
        let error = await #expect(throws: RPCError.self) { try await first.write(.message([1])) }
        #expect(error?.code == .resourceExhausted)
        let second = writer(others, foreign)
        try await second.write(.metadata([:]))
        await #expect(throws: RPCError.self) { try await second.write(.message([UInt8](repeating: 0, count: 100))) }
    }

    /// Connections of these processes; one of `-7` has no call.
    private func house(_ processes: [Int32]) -> (registry: ConnectionRegistry, channels: [EmbeddedChannel]) {
        let registry = ConnectionRegistry(limit: processes.count, report: { _ in }, onLastClosed: {})
        let channels = processes.enumerated().map { number, process in
            let channel = EmbeddedChannel()
            let activity = ConnectionActivity(now: .uptimeNanoseconds(UInt64(number)))
            activity.note(isReady: true, isBusy: process > 0, now: .uptimeNanoseconds(UInt64(number)))
            #expect(registry.add(channel, activity, of: abs(process)) == nil)
            try? channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
            return channel
        }
        return (registry, channels)
    }

    @Test(
        "are places for connections: who has most makes way for who has fewer, for nobody else, and first what has no call",
        arguments: [
            // Who is there, who comes, which goes: nil when it is refused.
            ([7, 7, 7], 8, 2), ([7, 7, 8], 9, 1), ([7, 8, 9], 10, nil), ([7, 7, 8], 8, nil), ([7, 7, 7, 8], 8, 2),
            ([7, 7, 7], 7, nil),
            ([-7, 7, 7], 8, 0), ([-8, 7, 7], 7, nil), ([-8, 7, 7], 9, 0), ([-8, -7, 7], 7, 1), ([-8, -7, -9], 10, 0),
            ([-7, 7, -7], 7, 0),
        ] as [([Int32], Int32, Int?)])
    func places(_ there: [Int32], _ comes: Int32, _ goes: Int?) throws {
        let (registry, channels) = house(there)
        let newcomer = EmbeddedChannel()
        let refusal = registry.add(newcomer, ConnectionActivity(now: .uptimeNanoseconds(100)), of: comes)
        for channel in channels { channel.embeddedEventLoop.run() }
        #expect((refusal == nil) == (goes != nil))
        #expect(channels.enumerated().filter { !$0.element.isActive }.map(\.offset) == (goes.map { [$0] } ?? []))
        for channel in channels + [newcomer] { _ = try? channel.finish(acceptAlreadyClosed: true) }
    }
}
