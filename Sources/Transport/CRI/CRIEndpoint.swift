import Domain
import GRPCCore

/// What a gRPC server needs in order to speak the CRI.
package enum CRIEndpoint {
    /// Both services, with all their RPCs.
    package static func services(_ useCases: UseCases) -> [any RegistrableRPCService] {
        [RuntimeService(useCases: useCases), ImageService(useCases: useCases)]
    }

    /// The interceptors in their order.
    ///
    /// - Parameters:
    ///   - observer: hears of every call, those included that the gate refuses.
    ///   - gate: opened by the daemon once it knows its pods.
    package static func interceptors(observer: any RPCObserver, gate: StartupGate) -> [any ServerInterceptor] {
        [RPCObservationInterceptor(observer: observer), gate, CancellationInterceptor()]
    }
}
