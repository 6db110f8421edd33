/// The deadline that the caller of a use-case gave, as its transport knows it.
///
/// A type of its own, since a task local must not be a function: optimised code asks the runtime for the type of the function as it lies
/// in memory, which has no name, gets a null pointer for it, and crashes in `swift_task_localValuePush` (ADR 14).
package struct CallDeadline: Sendable {
    /// That of the call which the current task serves; none, when nobody has set one.
    @TaskLocal package static var current = CallDeadline { false }

    /// Asked when the calling task is cancelled: true when the caller's time was up, false when the caller went away.
    package let hasPassed: @Sendable () -> Bool

    package init(hasPassed: @escaping @Sendable () -> Bool) { self.hasPassed = hasPassed }
}
