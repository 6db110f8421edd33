/// What a session grants its peer. Sizes are bytes.
package struct SessionConfiguration: Hashable, Sendable {
    /// Streams the peer may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS).
    package var maxConcurrentStreams: UInt32 = 1000
    /// Flow-control window of each stream (SETTINGS_INITIAL_WINDOW_SIZE).
    package var streamWindow: Int32 = 256 * 1024
    /// Flow-control window of the whole connection.
    package var connectionWindow: Int32 = 1024 * 1024
    /// Size of a request's header list, counted as RFC 9113 section 6.5.2 says.
    package var maxHeaderListSize: Int = 64 * 1024
    /// Streams the peer may reset, or make us reset by what it sends, at once, and how many more per second.
    package var resets = Allowance(burst: 1000, perSecond: 100)
    /// Streams the peer may have reset by breaking the protocol: a malformed request, a window that overflows. An honest client has none.
    ///
    /// Each is answered with a small frame, which takes some 768 bytes of a Unix socket's 200 KiB however slowly it is read: so few that
    /// the GOAWAY after them still finds room beside what a client has left unread, and the connection ends at once.
    package var breaches = Allowance(burst: 100, perSecond: 1)
    /// Frames that cost work and carry nothing (SETTINGS, PING, PRIORITY, empty DATA, WINDOW_UPDATE) the peer may send.
    package var control = Allowance(burst: 10_000, perSecond: 2000)
    /// Entries of one SETTINGS frame.
    package var maxSettings: Int = 32
    /// Acknowledgements waiting to be written before the peer counts as flooding.
    package var maxPendingAcknowledgements: Int = 1000

    package init() {}

    /// A token bucket: `burst` at once, `perSecond` more each second.
    package struct Allowance: Hashable, Sendable {
        package var burst: UInt64
        package var perSecond: UInt64

        package init(burst: UInt64, perSecond: UInt64) {
            self.burst = burst
            self.perSecond = perSecond
        }
    }
}
