import CallRecords
import Domain
import GRPCCore

/// What a gRPC server needs in order to speak the CRI.
package enum CRIEndpoint {
    /// Both services, with all their RPCs. The order matters: what comes last serves the methods it shares with others.
    ///
    /// - Parameter batches: how large the messages of the `Stream` RPCs become.
    package static func services(
        _ useCases: UseCases, batches: ListBatches = ListBatches()
    ) -> [any RegistrableRPCService] {
        [
            RuntimeService(useCases: useCases, batches: batches), ImageService(useCases: useCases, batches: batches),
            EncodedLists(useCases: useCases, batches: batches),
        ]
    }

    /// The interceptors in their order.
    ///
    /// - Parameters:
    ///   - observer: hears of every call, those included that the gate refuses.
    ///   - recorder: keeps every call, those included that the gate refuses.
    ///   - gate: opened by the daemon once it knows its pods.
    ///   - isShuttingDown: whether calls that are cancelled now are so because this server ends.
    package static func interceptors(
        observer: any RPCObserver, recorder: CallRecorder? = nil, gate: StartupGate,
        isShuttingDown: @escaping @Sendable () -> Bool = { false }
    ) -> [any ServerInterceptor] {
        [
            RPCObservationInterceptor(observer: observer, recorder: recorder), gate,
            CancellationInterceptor(isShuttingDown: isShuttingDown),
        ]
    }
}
