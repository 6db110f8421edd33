import GRPCCore

extension RPCError {
    /// The status of whatever was thrown: the error's own where it has one, `cancelled` for a cancellation, and
    /// `internal` for what nobody foresaw.
    package init(any error: any Error) {
        switch error {
        case let error as RPCError: self = error
        case let error as any RPCErrorConvertible: self.init(error)
        case is CancellationError: self.init(code: .cancelled, message: "the call was cancelled", cause: error)
        default: self.init(code: .internalError, message: "unexpected error: \(error)", cause: error)
        }
    }
}
