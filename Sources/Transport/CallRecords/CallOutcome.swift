/// How a call ended, without what it was about.
package struct CallOutcome: Hashable, Sendable {
    package let transport: CallRecord.Transport
    /// As in ``CallRecord/code``.
    package let code: String
    package let hasFailed: Bool
    package let onlyAsks: Bool
    package let isRoutine: Bool
}
