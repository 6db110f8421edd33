import GRPCCore

/// An RPC as the transport's task group gets it: everything its task needs.
struct AcceptedRPC: Sendable {
    typealias Inbound = RPCAsyncSequence<RPCRequestPart<[UInt8]>, any Error>
    typealias Outbound = RPCWriter<RPCResponsePart<[UInt8]>>.Closable
    typealias Handler = @Sendable (_ stream: RPCStream<Inbound, Outbound>, _ context: ServerContext) async -> Void

    let method: MethodDescriptor
    let request: RequestParts
    let response: ResponseWriter
    let cancellation: CancellationRelay
    let peer: PeerDescription
    /// Tells the connection that the task is over.
    let onEnd: @Sendable () -> Void

    /// Runs the RPC to its end.
    func run(_ handler: Handler) async {
        await withServerContextRPCCancellationHandle { handle in
            cancellation.attach(handle)
            let context = ServerContext(
                descriptor: method,
                remotePeer: peer.remote,
                localPeer: peer.local,
                cancellation: handle
            )
            let stream = RPCStream(
                descriptor: method,
                inbound: RPCAsyncSequence(wrapping: request),
                outbound: RPCWriter.Closable(wrapping: response)
            )
            await handler(stream, context)
        }
        onEnd()
    }
}

/// The two ends of a connection, as `ServerContext` names them.
struct PeerDescription: Sendable {
    let remote: String
    let local: String
}
