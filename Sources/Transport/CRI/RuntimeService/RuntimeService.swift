import Domain
import GRPCCore

/// `runtime.v1.RuntimeService`: each RPC parses its request, calls one use-case and writes the answer. One file per
/// RPC.
package struct RuntimeService: Runtime_V1_RuntimeService.SimpleServiceProtocol {
    let useCases: UseCases
    let batches: ListBatches

    /// - Parameter batches: how large the messages of the `Stream` RPCs become.
    package init(useCases: UseCases, batches: ListBatches = ListBatches()) {
        self.useCases = useCases
        self.batches = batches
    }
}
