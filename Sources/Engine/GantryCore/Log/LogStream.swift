/// Which output of a container a line came from, as the log names it.
package enum LogStream: Sendable, CaseIterable {
    case stdout, stderr

    /// With the blanks around it.
    var field: StaticString {
        switch self {
        case .stdout: " stdout "
        case .stderr: " stderr "
        }
    }
}
