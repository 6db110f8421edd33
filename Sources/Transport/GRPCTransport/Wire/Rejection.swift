import GRPCCore
import HTTP2

/// An answer to a request that never becomes an RPC.
struct Rejection: Error, Hashable {
    /// 200 for a gRPC client; another for what does not look like one.
    var httpStatus = 200
    var status: Status
    var extra: [HeaderField] = []

    init(httpStatus: Int = 200, _ code: Status.Code, _ message: String, extra: [HeaderField] = []) {
        self.httpStatus = httpStatus
        self.status = Status(code: code, message: message)
        self.extra = extra
    }

    /// The whole response: one HEADERS frame.
    var headers: [HeaderField] {
        ResponseHeaders.trailersOnly(status, metadata: [], httpStatus: httpStatus) + extra
    }
}
