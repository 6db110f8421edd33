import GRPCCore

/// How one RPC went. Holds nothing of the request or the response.
package struct RPCOutcome: Sendable {
    /// `runtime.v1.RuntimeService/RunPodSandbox`.
    package let method: String
    /// The last part of ``method``.
    package let name: String
    package let peer: String
    package let code: Status.Code
    /// Empty when the code is `ok`.
    package let message: String
    /// Until the last message was handed to the transport.
    package let duration: Duration

    package init(
        descriptor: MethodDescriptor, peer: String, code: Status.Code, message: String, duration: Duration
    ) {
        method = descriptor.fullyQualifiedMethod
        name = descriptor.method
        self.peer = peer
        self.code = code
        self.message = message
        self.duration = duration
    }
}

/// Hears of every RPC: logs, metrics. Called on the RPC's own task, so it must not block.
package protocol RPCObserver: Sendable {
    func started(_ method: MethodDescriptor, peer: String)
    func finished(_ outcome: RPCOutcome)
}
