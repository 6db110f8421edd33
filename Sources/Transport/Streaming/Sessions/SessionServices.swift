import Domain
import NIOCore

/// What sessions are made of, for all of a server's.
package struct SessionServices: Sendable {
    package struct Times: Sendable {
        /// How long a client may take to open all the streams of its session.
        package var creation: TimeAmount = .seconds(30)
        /// A session on which nothing is said for so long is ended.
        package var idle: TimeAmount = .hours(4)
        /// How long a terminal's size is waited for before the command begins without.
        package var size: TimeAmount = .milliseconds(100)
        /// After a command has ended: nothing more is expected from outputs that others hold open when nothing came for so long.
        package var drain: TimeAmount = .milliseconds(100)
        package init() {}
    }

    /// Why sessions end when their server does.
    static func stopping(_ object: String) -> DomainError {
        DomainError(
            .unavailable, "\(object): the daemon is stopping, which ends its sessions; open another when it is back")
    }

    let useCases: UseCases
    let times: Times
    /// Runs something as a child of the server.
    let spawn: @Sendable (@escaping @Sendable () async -> Void) -> Void
}
