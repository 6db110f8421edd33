import GRPCCore
import RequestMemory

extension RequestBudget {
    /// What is answered to a request that there is no room for.
    static let refusal = RPCError(
        code: .resourceExhausted,
        message: "the requests that are being received, on all connections, take too much memory together; try again")
}
