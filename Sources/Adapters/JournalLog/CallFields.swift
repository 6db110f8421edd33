/// What a call's record in the log is made of, by which it is found again (``JournalHistory``): the keys of swift-log's metadata, in the journal fields
/// of their own (`RKTLET_POD`).
package enum CallFields {
    package static let pod = "pod"
    package static let container = "container"
    package static let name = "name"
    package static let method = "method"
    package static let transport = "transport"
    package static let outcome = "outcome"
    package static let code = "code"
    package static let milliseconds = "milliseconds"
    package static let steps = "steps"
    package static let error = "error"

    /// The `outcome` of a call that failed.
    package static let failed = "failed"
    /// The `outcome` of one that did not.
    package static let done = "done"

    /// Those that a story is told from; the method says the transport.
    static let all = [container, name, method, outcome, code, milliseconds, steps, error]
}
