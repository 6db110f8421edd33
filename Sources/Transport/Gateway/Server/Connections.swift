import NIOCore
import NIOHTTP1
import Synchronization

/// The connections that are open, so that each request knows its client and a stop reaches all of them; and how many there may be.
///
/// Strangers, who have shown nothing yet, and guests, who may ask for everything, have places apart. Where there is none left, a new one
/// takes that of another: among strangers the oldest one's, who had the longest time to show something, among guests that of one without a
/// request for the longest time. So nobody is kept out by those who only sit there.
final class Connections: Sendable {
    struct Limits: Sendable {
        var strangers = 512
        var guests = 1024
        /// After this a stranger goes; nil leaves it to the patience with its request.
        var strangersStay: TimeAmount?
    }

    private struct Entry {
        let channel: any Channel
        let client: ClientPresence
        /// Requests that are being answered.
        var requests = 0
        /// When it came or was last used, as a number that only rises.
        var turn: UInt64
    }

    private struct State {
        var strangers: [ObjectIdentifier: Entry] = [:]
        var guests: [ObjectIdentifier: Entry] = [:]
        var turn: UInt64 = 0

        mutating func nextTurn() -> UInt64 {
            turn += 1
            return turn
        }

        var all: [Entry] { Array(strangers.values) + Array(guests.values) }
    }

    private let limits: Limits
    private let state = Mutex(State())

    init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Takes a new connection in, as a stranger's; it leaves by itself when it closes.
    func add(_ channel: any Channel) {
        let client = ClientPresence(hangUp: { channel.close(promise: nil) })
        let id = ObjectIdentifier(channel)
        let pushedOut = state.withLock { state -> Entry? in
            state.strangers[id] = Entry(channel: channel, client: client, turn: state.nextTurn())
            guard state.strangers.count > limits.strangers else { return nil }
            return state.strangers.min { $0.value.turn < $1.value.turn }.flatMap {
                state.strangers.removeValue(forKey: $0.key)
            }
        }
        pushedOut?.channel.close(promise: nil)
        let leave = limits.strangersStay.map { stay in
            channel.eventLoop.scheduleTask(in: stay) { [self] in
                if state.withLock({ $0.strangers[id] != nil }) { channel.close(promise: nil) }
            }
        }
        channel.closeFuture.whenComplete { [self] _ in
            leave?.cancel()
            state.withLock { state in
                state.strangers[id] = nil
                state.guests[id] = nil
            }
            client.end()
        }
    }

    /// A stranger has become a guest, unless every guest is busy: then it stays one, and ``ClientPresence/isAdmitted`` false.
    func admit(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        let pushedOut = state.withLock { state -> Entry? in
            guard let entry = state.strangers[id] else { return nil }
            var idle: Entry?
            if state.guests.count >= limits.guests {
                let longest = state.guests.filter { $0.value.requests == 0 }.min { $0.value.turn < $1.value.turn }
                guard let longest else { return nil }
                idle = state.guests.removeValue(forKey: longest.key)
            }
            state.strangers[id] = nil
            state.guests[id] = entry
            entry.client.becomeAdmitted()
            return idle
        }
        pushedOut?.channel.close(promise: nil)
    }

    func client(of channel: any Channel) -> ClientPresence {
        let id = ObjectIdentifier(channel)
        return state.withLock { ($0.strangers[id] ?? $0.guests[id])?.client } ?? Self.gone
    }

    /// A request of this connection is being answered until ``end(_:)``.
    func begin(_ channel: any Channel) { state.withLock { $0.guests[ObjectIdentifier(channel)]?.requests += 1 } }

    func end(_ channel: any Channel) {
        state.withLock { state in
            let turn = state.nextTurn()
            guard var entry = state.guests[ObjectIdentifier(channel)] else { return }
            entry.requests = max(0, entry.requests - 1)
            entry.turn = turn
            state.guests[ObjectIdentifier(channel)] = entry
        }
    }

    /// Idle ones close now, busy ones after their answer.
    func quiesce() {
        for entry in state.withLock({ $0.all }) {
            entry.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    func closeAll() {
        for entry in state.withLock({ $0.all }) { entry.channel.close(promise: nil) }
    }

    private static let gone: ClientPresence = {
        let client = ClientPresence()
        client.end()
        return client
    }()
}
