/// The time of day, for records.
package protocol WallClock: Sendable {
    func now() -> Timestamp
}

/// Makes ids that nobody can guess and that never repeat.
package protocol IDs: Sendable {
    func newPodID() -> PodID
    func newContainerID() -> ContainerID
}

/// Where use-cases tell of what no caller hears: undo that failed, orphans, clamped values. Structured: one message, named fields.
package protocol Diagnostics: Sendable {
    func note(_ message: String, _ fields: [String: String])
    func warning(_ message: String, _ fields: [String: String])
}
