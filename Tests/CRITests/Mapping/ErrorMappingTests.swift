import Domain
import GRPCCore
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct ErrorMappingTests {
    @Test func `each kind of failure has a status code of its own`() {
        let codes = DomainError.Code.allCases.map(\.rpc)
        #expect(Set(codes).count == codes.count)
        #expect(!codes.contains(.unknown))
    }

    @Test func `codes and messages of the domain reach the client unaltered`() {
        let error = RPCError(any: DomainError(.notFound, "RegistryUnavailable: no"))
        #expect((error.code, error.message) == (.notFound, "RegistryUnavailable: no"))
    }

    @Test func `a cancellation is told as one`() {
        #expect(RPCError(any: CancellationError()).code == .cancelled)
    }

    @Test func `what nobody foresaw is internal`() {
        struct Odd: Error {}
        #expect(RPCError(any: Odd()).code == .internalError)
    }
}
