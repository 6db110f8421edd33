import ByteText
import CallRecords
import HTTPTypes
import Hummingbird

/// A request of the gateway for the flight recorder: its method and path, never its query, its headers or its body.
struct GatewayCall {
    let record: RecordedCall
    private let recorder: CallRecorder
    private let method: String
    private let path: String

    init(_ request: Request, _ recorder: CallRecorder) {
        self.recorder = recorder
        // A client may make methods up.
        method = RouteTable.methods.contains(request.method) ? request.method.rawValue : "?"
        path = request.uri.path
        record = recorder.begin(
            .http, method + " " + path, onlyAsks: request.method == .get || request.method == .head,
            traceparent: request.headers[.traceparent])
    }

    /// - Parameters:
    ///   - route: the path with its parameters' names; nil where there is none.
    ///   - isKnown: who asked may do so. What others are refused pushes nothing out of the record.
    func ended(_ status: HTTPResponse.Status, _ problem: Problem?, route: String?, isKnown: Bool) {
        if let route {
            record.isOf(method + " " + route)
            if let object = Self.object(of: path, by: route) { record.aboutUnlessTold(object) }
        }
        recorder.end(
            record, code: String(status.code), hasFailed: status.code >= 400, error: problem?.detail ?? "",
            isOfNote: isKnown)
    }

    /// What stands in the path where the route has its parameter.
    private static func object(of path: String, by route: String) -> String? {
        for (name, value) in zip(route.pieces(at: "/"), path.pieces(at: "/")) where name.begins(with: "{") {
            return PercentText.decode(value)
        }
        return nil
    }
}

extension HTTPField.Name {
    fileprivate static let traceparent = HTTPField.Name("traceparent")!
}
