import NIOCore
import Synchronization

/// The memory that the requests of all connections share: requests that have not arrived whole, and messages that wait for their handlers.
///
/// What one connection may hold is bounded elsewhere; this bounds all of them together. A request grows as long as there is room.
/// When there is none, the requests that have made no progress for longest make way, as many as are needed and a few more, so that who only
/// holds on to memory does not keep others out; those that are younger than the patience are left alone. When nobody makes way, the one that
/// wants to grow is refused. Small requests have a reserve of their own. A request counts as one that makes progress when it begins, and
/// when its handler takes something of it; bytes that arrive are none, or a byte now and then would do.
package final class RequestBudget: Sendable {
    /// What a request takes besides its bytes: its stream, its task and what they wait with (8.8 KB were measured). It also bounds how many
    /// there can be to look through.
    package static let overhead = 8 * 1024
    /// Up to this size a request may use the reserve.
    package static let small = 64 * 1024
    /// Above the limit, for small requests.
    private var reserve: Int { limit / 8 }

    private struct Entry {
        var bytes: Int
        var since: NIODeadline
        let evict: @Sendable () -> Void
    }

    private struct State {
        var entries: [UInt64: Entry] = [:]
        var used = 0
        var lastNumber: UInt64 = 0
        /// Nobody will make way before.
        var noneBefore = NIODeadline.uptimeNanoseconds(0)
        /// How often all entries were looked through.
        var looks = 0
    }

    private let limit: Int
    private let patience: TimeAmount
    private let state = Mutex(State())

    package init(limit: Int, patience: TimeAmount) {
        self.limit = limit
        self.patience = patience
    }

    /// Bytes that are held.
    package var used: Int { state.withLock { $0.used } }

    /// How often all requests were looked through for some that make way.
    package var looks: Int { state.withLock { $0.looks } }

    /// The account of one request.
    /// - Parameter evict: called on any thread, once, when the request is to make way. It is off the account then.
    package func holding(evict: @escaping @Sendable () -> Void) -> RequestHolding {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        return RequestHolding(self, number: number, evict: evict)
    }

    fileprivate func add(_ count: Int, _ holding: RequestHolding, now: NIODeadline) {
        state.withLock { enter(count, holding, now, &$0) }
    }

    fileprivate func grow(by count: Int, _ holding: RequestHolding, now: NIODeadline) -> Bool {
        let (fits, evicted) = state.withLock { state -> (Bool, [@Sendable () -> Void]) in
            let held = state.entries[holding.number]?.bytes
            let wanted = count + (held == nil ? Self.overhead : 0)
            let room = limit + ((held ?? 0) + wanted <= Self.small ? reserve : 0)
            var evicted: [@Sendable () -> Void] = []
            if state.used + wanted > room {
                evicted = makeWay(for: wanted, sparing: holding.number, now, &state)
            }
            guard state.used + wanted <= room else { return (false, evicted) }
            enter(count, holding, now, &state)
            return (true, evicted)
        }
        for evict in evicted { evict() }
        return fits
    }

    fileprivate func release(_ count: Int, _ holding: RequestHolding, progressAt now: NIODeadline?) {
        state.withLock { state in
            guard var entry = state.entries[holding.number] else { return }
            let released = min(count, entry.bytes - Self.overhead)
            entry.bytes -= released
            entry.since = now ?? entry.since
            state.used -= released
            if entry.bytes > Self.overhead {
                state.entries[holding.number] = entry
            } else {
                state.entries[holding.number] = nil
                state.used -= entry.bytes
            }
        }
    }

    private func enter(_ count: Int, _ holding: RequestHolding, _ now: NIODeadline, _ state: inout State) {
        guard count > 0 else { return }
        var entry = state.entries[holding.number] ?? Entry(bytes: 0, since: now, evict: holding.evict)
        let added = count + (entry.bytes == 0 ? Self.overhead : 0)
        entry.bytes += added
        state.used += added
        state.entries[holding.number] = entry
    }

    /// Takes off the account who has held for longest, until there is room for `wanted` and a sixteenth of the limit more: the next look
    /// through all of them is that far away.
    private func makeWay(
        for wanted: Int, sparing number: UInt64, _ now: NIODeadline, _ state: inout State
    ) -> [@Sendable () -> Void] {
        guard now >= state.noneBefore else { return [] }
        state.looks += 1
        var old = state.entries.filter { $0.key != number && now - $0.value.since >= patience }
            .sorted { $0.value.since < $1.value.since }[...]
        if old.isEmpty, let oldest = state.entries.filter({ $0.key != number }).map(\.value.since).min() {
            state.noneBefore = oldest + patience
        }
        var evicted: [@Sendable () -> Void] = []
        while state.used + wanted > limit - limit / 16, let (key, entry) = old.popFirst() {
            state.entries[key] = nil
            state.used -= entry.bytes
            evicted.append(entry.evict)
        }
        return evicted
    }
}

/// What one request holds of a ``RequestBudget``. Its owner gives everything back in the end.
package final class RequestHolding: Sendable {
    private let budget: RequestBudget
    fileprivate let number: UInt64
    fileprivate let evict: @Sendable () -> Void

    fileprivate init(_ budget: RequestBudget, number: UInt64, evict: @escaping @Sendable () -> Void) {
        self.budget = budget
        self.number = number
        self.evict = evict
    }

    /// Takes bytes for what is there already, whether there is room or not.
    package func add(_ count: Int, now: NIODeadline) { budget.add(count, self, now: now) }

    /// Takes bytes, if there is room, or room can be made.
    package func grow(by count: Int, now: NIODeadline) -> Bool { budget.grow(by: count, self, now: now) }

    /// Gives bytes back. After an eviction there are none.
    package func release(_ count: Int) { budget.release(count, self, progressAt: nil) }

    /// Gives bytes back that the handler has taken.
    package func taken(_ count: Int, now: NIODeadline) { budget.release(count, self, progressAt: now) }
}
