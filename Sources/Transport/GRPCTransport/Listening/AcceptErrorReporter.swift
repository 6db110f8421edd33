import NIOCore

/// Reports errors of the listening channel, which goes on: NIO itself backs off when descriptors have run out.
final class AcceptErrorReporter: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private let report: @Sendable (TransportNotice) -> Void

    init(report: @escaping @Sendable (TransportNotice) -> Void) {
        self.report = report
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        report(.acceptFailed("\(error)"))
    }
}
