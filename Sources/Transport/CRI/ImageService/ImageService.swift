import Domain
import GRPCCore

/// `runtime.v1.ImageService`: each RPC parses its request, calls one use-case and writes the answer. One file per RPC.
package struct ImageService: Runtime_V1_ImageService.SimpleServiceProtocol {
    let useCases: UseCases
    let batches: ListBatches

    /// - Parameter batches: how large the messages of the `Stream` RPCs become.
    package init(useCases: UseCases, batches: ListBatches = ListBatches()) {
        self.useCases = useCases
        self.batches = batches
    }

    /// The image that a request names; `image` is the field of all of them.
    func reference(_ isPresent: Bool, _ spec: Runtime_V1_ImageSpec) throws(DomainError) -> String {
        let path = FieldPath("image")
        guard isPresent else { throw path.invalid("is missing") }
        return try ImageSpec(wire: spec, at: path).image
    }
}
