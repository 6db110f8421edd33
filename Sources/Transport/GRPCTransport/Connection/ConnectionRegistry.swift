import NIOCore
import Synchronization

/// The open connections of a transport, and whether there may be more.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isAccepting = true
    }

    private let state = Mutex(State())
    private let limit: Int
    private let onLastClosed: @Sendable () -> Void

    /// - Parameter onLastClosed: called when no connection is open and none will be.
    init(limit: Int, onLastClosed: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.onLastClosed = onLastClosed
    }

    /// Adds a connection until it closes. Returns why it must be refused, or nil.
    func add(_ channel: any Channel) -> String? {
        let refusal = state.withLock { state -> String? in
            guard state.isAccepting else { return "the server is shutting down" }
            guard state.channels.count < limit else { return "\(limit) connections are open, which is the limit" }
            state.channels[ObjectIdentifier(channel)] = channel
            return nil
        }
        guard refusal == nil else { return refusal }
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
            return !state.isAccepting && state.channels.isEmpty
        }
        if isLast { onLastClosed() }
    }
}
