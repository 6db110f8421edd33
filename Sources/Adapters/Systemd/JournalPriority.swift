/// syslog(3) levels.
package enum JournalPriority: Int, Sendable, CaseIterable, Comparable {
    case emergency = 0
    case alert, critical, error, warning, notice, info, debug

    package static func < (a: JournalPriority, b: JournalPriority) -> Bool { a.rawValue < b.rawValue }
}
