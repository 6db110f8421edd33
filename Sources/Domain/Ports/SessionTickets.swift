/// Addresses at which a client fetches a session that was granted to it, once and soon.
package protocol SessionTickets: Sendable {
    /// - Returns: a URL that leads to this session and to nothing else: nobody guesses it, it can be used once, and it expires.
    /// - Throws: `resourceExhausted` when too many are waiting to be used, `unavailable` while nobody listens there.
    func issue(_ request: SessionRequest) throws(DomainError) -> String
}

/// What a client was granted, and has yet to come for.
package enum SessionRequest: Hashable, Sendable {
    case exec(command: [String], container: ContainerID, streams: SessionStreams)
    case attach(container: ContainerID, streams: SessionStreams)
    /// Ports: those that are forwarded from the beginning; a client may ask for others where its protocol lets it.
    case portForward(pod: PodID, ports: [UInt16])
}

/// Where no streaming server is.
package struct NoSessionTickets: SessionTickets {
    package init() {}

    package func issue(_ request: SessionRequest) throws(DomainError) -> String {
        throw DomainError(.unimplemented, "sessions for clients are not served here: there is no streaming server")
    }
}
