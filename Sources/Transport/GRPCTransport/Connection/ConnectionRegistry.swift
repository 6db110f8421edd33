import Glibc
import NIOCore
import Synchronization

/// The open connections of a transport, and whether there may be more.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// Of those that have not been told to go.
        var members: [ObjectIdentifier: Member] = [:]
        var isAccepting = true
        var lastNumber: UInt64 = 0

        /// Takes the connection that can best be missed out of those that count; nil if nobody can be asked to miss one: a process makes
        /// way for one that has fewer connections, and for itself.
        mutating func giveWay(to process: pid_t) -> Leaving? {
            var counts: [pid_t: Int] = [:]
            for member in members.values { counts[member.process, default: 0] += 1 }
            let own = counts[process] ?? 0
            let idle = members.compactMap { id, member in
                member.process == process || counts[member.process] ?? 0 > own
                    ? member.activity.rank.map { (id: id, rank: $0) } : nil
            }
            if let id = idle.min(by: { $0.rank < $1.rank })?.id { return leave(id, hadCall: false) }
            // With more than the newcomer will have. The last that came: what has run for long is rather somebody's work.
            let most = counts.values.max() ?? 0
            guard most > own + 1 else { return nil }
            let last = members.filter { counts[$0.value.process] == most }.max { $0.value.number < $1.value.number }
            return last.flatMap { leave($0.key, hadCall: true) }
        }

        private mutating func leave(_ id: ObjectIdentifier, hadCall: Bool) -> Leaving? {
            members[id] = nil
            return channels[id].map { Leaving(channel: $0, hadCall: hadCall) }
        }
    }

    private struct Member {
        let activity: ConnectionActivity
        let process: pid_t
        /// Rises with each that comes.
        let number: UInt64
    }

    private struct Leaving {
        let channel: any Channel
        let hadCall: Bool
    }

    private enum Admission {
        case taken
        case takenInsteadOf(Leaving)
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
    /// When there are as many as there may be, the one that can best be missed is closed: whoever holds silent connections keeps nobody out. When
    /// all have calls it is one of the process that has most connections, if that has more than the newcomer's: no process keeps others out.
    /// - Parameter process: which connected.
    func add(_ channel: any Channel, _ activity: ConnectionActivity, of process: pid_t) -> String? {
        let admission = state.withLock { state -> Admission in
            guard state.isAccepting else { return .refused("the server is shutting down") }
            let isFull = state.members.count >= limit
            let leaving = isFull ? state.giveWay(to: process) : nil
            if isFull && leaving == nil {
                return .refused(
                    "\(limit) connections are open, which is the limit, all of them have calls, and no process has more than process \(process)"
                )
            }
            state.lastNumber += 1
            state.channels[ObjectIdentifier(channel)] = channel
            state.members[ObjectIdentifier(channel)] = Member(
                activity: activity, process: process, number: state.lastNumber)
            return leaving.map { .takenInsteadOf($0) } ?? .taken
        }
        switch admission {
        case .refused(let why): return why
        case .taken: break
        case .takenInsteadOf(let other) where other.hadCall:
            report(
                .clientMisbehaved(
                    "its process has most of the \(limit) connections that there may be; one of them gives way to another's"
                ))
            other.channel.close(promise: nil)
        case .takenInsteadOf(let other):
            report(.connectionEnded("it had no call for longest, and gives way to a new one: \(limit) are open"))
            other.channel.close(promise: nil)
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
            state.members[ObjectIdentifier(channel)] = nil
            return !state.isAccepting && state.channels.isEmpty
        }
        if isLast { onLastClosed() }
    }
}
