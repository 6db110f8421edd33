import HTTP2
import NIOCore

// How a connection ends when it is this side that wants it to.
extension ConnectionHandler {
    /// Starts the two-step GOAWAY of RFC 9113 section 6.8: no new streams, please; and, once the client has seen that,
    /// the last stream's number. A request that was under way in between is still served.
    func beginDraining() {
        guard let session, !watch.isDraining else { return }
        guard watch.isReady else {
            return close(reason: "the server is shutting down and the client has sent nothing yet")
        }
        watch.beganDraining(now: .now())
        session.announceShutdown()
        pump()
    }

    /// The PING whose answer says that the client has seen the first GOAWAY. Only now: nghttp2 sends PINGs ahead of all
    /// else.
    func goAwaySent() {
        if watch.isDraining, !hasSentLastGoAway { session?.ping() }
    }

    func pingAnswered() {
        watch.pingAnswered()
        guard watch.isDraining, !hasSentLastGoAway else { return }
        hasSentLastGoAway = true
        session?.goAway()
    }

    /// Streams whose client has opened no window for them for too long; if nothing at all moves, the whole connection.
    ///
    /// Returns why the connection must be closed, or nil.
    func endStalledStreams(now: NIODeadline) -> String? {
        relieve(now: now)
        let timeout = environment.configuration.limits.stallTimeout
        let stalled = streams.filter { $0.value.backlog > 0 && now - $0.value.backlogSince >= timeout }
        guard !stalled.isEmpty else { return nil }
        if now - lastProgress >= timeout { return "the client takes none of its responses" }
        for id in stalled.keys { session?.reset(id, .cancel) }
        return nil
    }

    /// A connection that holds too much unread, by itself or as part of its process, has less patience: its largest stalled streams go
    /// first, until it holds less.
    private func relieve(now: NIODeadline) {
        let limits = environment.configuration.limits
        let held = responseMemory.used
        var excess = max(held - limits.maxBufferedResponseBytes, min(held, share.excess()))
        guard excess > 0 else { return }
        let stalled = streams.filter {
            $0.value.backlog > 0 && now - $0.value.backlogSince >= limits.crowdedStallTimeout
        }
        var count = 0
        for (id, stream) in stalled.sorted(by: { $0.value.backlog > $1.value.backlog }) where excess > 0 {
            session?.reset(id, .enhanceYourCalm)
            excess -= stream.backlog
            count += 1
        }
        guard count > 0 else { return }
        environment.configuration.report(
            .clientMisbehaved("\(count) of its responses, left unread, were dropped: it held \(held) bytes"))
    }
}
