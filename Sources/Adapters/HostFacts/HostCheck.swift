/// One finding about the host, with what to do about it.
package struct HostCheck: Hashable, Sendable {
    package enum Verdict: String, Sendable, CaseIterable {
        case ok
        /// Works, but not all of it, or not as well.
        case warning
        /// Pods cannot run.
        case failure
    }

    package var name: String
    package var verdict: Verdict
    package var finding: String
    /// Empty when nothing is to be done.
    package var remedy: String

    package init(_ name: String, _ verdict: Verdict, _ finding: String, remedy: String = "") {
        self.name = name
        self.verdict = verdict
        self.finding = finding
        self.remedy = remedy
    }

    package static func ok(_ name: String, _ finding: String) -> HostCheck { HostCheck(name, .ok, finding) }
}
