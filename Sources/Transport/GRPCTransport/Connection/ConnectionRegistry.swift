import NIOCore
import Synchronization

/// The open connections of a transport, and whether there may be more.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// Of those that have not been told to go.
        var activities: [ObjectIdentifier: ConnectionActivity] = [:]
        var isAccepting = true

        /// Takes the connection that can best be missed out of those that count; nil if all have calls.
        mutating func giveWay() -> (any Channel)? {
            let ranked = activities.compactMap { id, activity in activity.rank.map { (id: id, rank: $0) } }
            guard let id = ranked.min(by: { $0.rank < $1.rank })?.id else { return nil }
            activities[id] = nil
            return channels[id]
        }
    }

    private enum Admission {
        case taken
        case takenInsteadOf(any Channel)
        case refused(String)
    }

    private let state = Mutex(State())
    private let limit: Int
    private let report: @Sendable (TransportNotice) -> Void
    private let onLastClosed: @Sendable () -> Void

    /// - Parameters:
    ///   - report: told of connections that give way.
    ///   - onLastClosed: called when no connection is open and none will be.
    init(
        limit: Int, report: @escaping @Sendable (TransportNotice) -> Void, onLastClosed: @escaping @Sendable () -> Void
    ) {
        self.limit = limit
        self.report = report
        self.onLastClosed = onLastClosed
    }

    /// Adds a connection until it closes. Returns why it must be refused, or nil.
    ///
    /// When there are as many as there may be, the one that can best be missed is closed: whoever holds silent connections keeps nobody out.
    func add(_ channel: any Channel, _ activity: ConnectionActivity) -> String? {
        let admission = state.withLock { state -> Admission in
            guard state.isAccepting else { return .refused("the server is shutting down") }
            let isFull = state.activities.count >= limit
            let leaving = isFull ? state.giveWay() : nil
            if isFull && leaving == nil {
                return .refused("\(limit) connections are open, which is the limit, and all of them have calls")
            }
            state.channels[ObjectIdentifier(channel)] = channel
            state.activities[ObjectIdentifier(channel)] = activity
            return leaving.map { .takenInsteadOf($0) } ?? .taken
        }
        switch admission {
        case .refused(let why): return why
        case .taken: break
        case .takenInsteadOf(let other):
            report(.connectionEnded("it had no call for longest, and gives way to a new one: \(limit) are open"))
            other.close(promise: nil)
        }
        channel.closeFuture.whenComplete { _ in self.remove(channel) }
        return nil
    }

    /// No more connections; those there are finish their RPCs.
    func drain() {
        for channel in stopAccepting() {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    /// No more connections; those there are close at once.
    func closeAll() {
        for channel in stopAccepting() { channel.close(promise: nil) }
    }

    /// Returns when the connections there are have closed.
    func allClosed() async {
        for channel in state.withLock({ Array($0.channels.values) }) {
            // How a connection closed is of no interest here.
            try? await channel.closeFuture.get()
        }
    }

    private func stopAccepting() -> [any Channel] {
        let channels = state.withLock { state in
            state.isAccepting = false
            return Array(state.channels.values)
        }
        if channels.isEmpty { onLastClosed() }
        return channels
    }

    private func remove(_ channel: any Channel) {
        let isLast = state.withLock { state in
            state.channels[ObjectIdentifier(channel)] = nil
            state.activities[ObjectIdentifier(channel)] = nil
            return !state.isAccepting && state.channels.isEmpty
        }
        if isLast { onLastClosed() }
    }
}
