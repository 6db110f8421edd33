import Domain
import GRPCCore

/// The one place where errors of the domain become status codes. The message is passed on unaltered: the kubelet looks
/// for some prefixes in it (`RegistryUnavailable`, `SignatureValidationFailed`, `ImageVolumeMountFailed`,
/// `RROUnsupported`).
extension DomainError: RPCErrorConvertible {
    package var rpcErrorCode: RPCError.Code { code.rpc }
    package var rpcErrorMessage: String { message }
}

extension DomainError.Code {
    package var rpc: RPCError.Code {
        switch self {
        case .invalidArgument: .invalidArgument
        case .notFound: .notFound
        case .alreadyExists: .alreadyExists
        case .failedPrecondition: .failedPrecondition
        case .deadlineExceeded: .deadlineExceeded
        case .cancelled: .cancelled
        case .resourceExhausted: .resourceExhausted
        case .unavailable: .unavailable
        case .permissionDenied: .permissionDenied
        case .unimplemented: .unimplemented
        case .internal: .internalError
        }
    }
}
