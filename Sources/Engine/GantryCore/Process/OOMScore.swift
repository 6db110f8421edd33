import CGantry

/// How willingly the kernel ends a process when memory is short (proc(5), oom_score_adj). A process inherits its parent's, and those of the
/// daemon and of the supervisor say "never": what they start must not have it.
package enum OOMScore: Equatable, Sendable {
    /// As any process has it: 0, or what the caller has where that is more.
    case ordinary
    /// A container's own. crun leaves the score alone where it is 0, and for commands always, so that it is crun that is given it.
    case exactly(Int64)

    var number: Int32 {
        switch self {
        case .ordinary: 0
        case .exactly(let score): Int32(clamping: max(-1000, min(score, 1000)))
        }
    }

    /// Gives up this process's own protection, and so that of everything it starts. What fails to do so goes on.
    package static func becomeOrdinary() { _ = gantry_oom_score(0, true) }
}
