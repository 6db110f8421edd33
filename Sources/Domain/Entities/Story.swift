/// A pod's life on one timeline, told from what was written down and from what the engine still has.
package struct Story: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package enum Source: String, Sendable, CaseIterable {
            /// A call of the kubelet's or of a client of the gateway.
            case call
            /// This daemon, or one before it.
            case daemon
            /// The pod's unit: its supervisor, and the plugins and runtimes that it calls.
            case unit
            /// systemd, about the unit.
            case systemd
            /// The engine's record, where nothing was written down when it happened.
            case record
        }

        package var at: Timestamp
        package var source: Source
        package var isProblem: Bool
        package var text: String

        package init(at: Timestamp, source: Source, isProblem: Bool = false, text: String) {
            self.at = at
            self.source = source
            self.isProblem = isProblem
            self.text = text
        }
    }

    package var id: PodID
    /// `namespace/name`; empty when nothing says it any more.
    package var name: String
    /// Nil of one that is gone.
    package var state: PodSandboxState?
    /// The one line that says how it is, and why.
    package var summary: String
    /// The oldest first.
    package var entries: [Entry]
    /// There was more than is told, before all of this.
    package var isCut: Bool
    /// Why nothing of what was written down is in it; empty when it is.
    package var gap: String
}
