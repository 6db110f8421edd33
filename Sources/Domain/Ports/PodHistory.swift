/// What is kept of the pods' past beside the engine's records, such as the system journal: also of those that are gone.
package protocol PodHistory: Sendable {
    /// What was told of a pod, the oldest first.
    ///
    /// - Parameter most: no more than so many, the newest.
    /// - Throws: `unavailable` where nothing is kept, or what is kept cannot be read.
    func lines(of pod: PodID, most: Int) async throws(DomainError) -> [HistoryLine]

    /// The pods whose ids begin so, as far as anything is kept of them; no more than so many.
    ///
    /// - Parameter prefix: lower-case hexadecimal digits.
    /// - Throws: `deadlineExceeded` when there is too much to look through; see also ``lines(of:most:)``.
    func pods(beginningWith prefix: String, most: Int) async throws(DomainError) -> [PodID]

    /// The pods that had this name, the newest first; no more than so many.
    ///
    /// - Parameter name: `namespace/name`.
    func pods(called name: String, most: Int) async throws(DomainError) -> [PodID]
}

/// A host on which nothing is kept.
package struct NoPodHistory: PodHistory {
    package init() {}

    package func lines(of pod: PodID, most: Int) async throws(DomainError) -> [HistoryLine] { throw Self.error }

    package func pods(beginningWith prefix: String, most: Int) async throws(DomainError) -> [PodID] { throw Self.error }

    package func pods(called name: String, most: Int) async throws(DomainError) -> [PodID] { throw Self.error }

    private static var error: DomainError { DomainError(.unavailable, "no history of pods is kept here") }
}
