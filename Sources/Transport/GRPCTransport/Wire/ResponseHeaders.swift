import GRPCCore
import HTTP2

/// The header sections of a response: "Responses" in gRPC's PROTOCOL-HTTP2.
enum ResponseHeaders {
    private static let contentType = HeaderField("content-type", "application/grpc")

    /// What comes before the first message.
    static func initial(metadata: [HeaderField]) -> [HeaderField] {
        [HeaderField(":status", "200"), contentType] + metadata
    }

    /// What comes after the last message.
    static func trailers(_ status: Status, metadata: [HeaderField]) -> [HeaderField] {
        var fields = [HeaderField("grpc-status", String(status.code.rawValue))]
        if !status.message.isEmpty {
            fields.append(HeaderField("grpc-message", PercentEncoding.encode(status.message)))
        }
        return fields + metadata
    }

    /// The whole response of an RPC that ends before it has answered anything.
    static func trailersOnly(_ status: Status, metadata: [HeaderField], httpStatus: Int = 200) -> [HeaderField] {
        [HeaderField(":status", String(httpStatus)), contentType] + trailers(status, metadata: metadata)
    }
}
