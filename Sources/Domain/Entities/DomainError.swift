/// Why a use-case could not do what it was asked.
///
/// The one error type of the domain. Each transport maps ``Code`` once: gRPC to a status code, HTTP to a status and a problem document.
package struct DomainError: Error, Equatable, Hashable, Sendable {
    /// The kind of failure, in the words of the gRPC status codes that clients act on.
    package enum Code: String, Sendable, CaseIterable {
        /// The request is malformed or contradicts itself; the message names the field.
        case invalidArgument
        /// The object named by the request does not exist.
        case notFound
        /// The name is in use by another live object.
        case alreadyExists
        /// The object exists, but not in a state that allows this.
        case failedPrecondition
        /// A budget of time passed.
        case deadlineExceeded
        /// The caller went away.
        case cancelled
        /// A limit of the host was reached: disk, memory, addresses.
        case resourceExhausted
        /// Something outside does not answer now (a registry, systemd, the engine); a retry may help.
        case unavailable
        /// Credentials were refused.
        case permissionDenied
        /// The engine in use cannot do this.
        case unimplemented
        /// A defect here or in the engine.
        case `internal`
    }

    package var code: Code
    /// Names the object, the cause and the way out. Never holds a secret.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension DomainError: CustomStringConvertible {
    package var description: String { "\(code.rawValue): \(message)" }
}
