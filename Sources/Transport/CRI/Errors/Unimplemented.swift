import GRPCCore

extension RPCError {
    /// The answer of an RPC that is registered and not yet served: clients that can do without it go on.
    package static func notServed(_ rpc: String) -> RPCError {
        RPCError(code: .unimplemented, message: "\(rpc) is not implemented by this version of rktlet")
    }
}
