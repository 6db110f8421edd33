import CGantry
import Glibc

/// What went wrong in the engine: a code for programs and a message for people.
///
/// The message names the object, the cause and, where there is one, the way out.
package struct EngineError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The codes of `docs/engine.md`; the raw value is what `--format=json` prints.
    package enum Code: String, Sendable, CaseIterable {
        case notFound = "not-found"
        case exists
        case invalid
        case precondition
        case unavailable
        case exhausted
        case unsupported
        case deadline
        case unauthorized
        case signatureInvalid = "signature-invalid"
        case imageVolume = "image-volume"
        case `internal`
    }

    package let code: Code
    package let message: String
    /// Whether it is that no supervisor of the pod was there to answer, not an answer of one.
    package let isWithoutSupervisor: Bool

    package init(_ code: Code, _ message: String, isWithoutSupervisor: Bool = false) {
        self.code = code
        self.message = message
        self.isWithoutSupervisor = isWithoutSupervisor
    }

    package var description: String { message }

    /// The error of a failed system call: `doing` says what was being done and to which object.
    package static func posix(_ doing: String, _ number: Int32) -> EngineError {
        EngineError(code(ofErrno: number), "\(doing): \(errnoText(number))")
    }

    /// The same error with the object it happened to put in front.
    package func prefixed(_ object: String) -> EngineError {
        EngineError(code, "\(object): \(message)", isWithoutSupervisor: isWithoutSupervisor)
    }

    private static func code(ofErrno number: Int32) -> Code {
        switch number {
        case ENOENT: .notFound
        case ENAMETOOLONG: .invalid
        case EEXIST: .exists
        case ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM: .exhausted
        case EAGAIN, EBUSY: .unavailable
        case ETIMEDOUT: .deadline
        case EOPNOTSUPP, ENOSYS: .unsupported
        default: .internal
        }
    }
}

/// The system's text for an `errno` value.
func errnoText(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    let size = buffer.count
    return buffer.withUnsafeMutableBufferPointer { space in
        guard let base = space.baseAddress, let text = gantry_errno_text(number, base, size) else {
            return "error \(number)"
        }
        return String(cString: text)
    }
}

extension EngineError {
    /// As `error.json` of a pod and the last line of stderr hold it.
    package var fields: [String: String] { ["code": code.rawValue, "message": message] }
}
