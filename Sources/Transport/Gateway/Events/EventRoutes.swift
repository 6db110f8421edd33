import HTTPTypes
import Hummingbird

/// What happens to pods and containers, as server-sent events.
struct EventRoutes {
    let hub: EventHub

    func add(to table: inout RouteTable) {
        table.get("/v1/events") { [hub] request, context in
            _ = try QueryReader(request.uri.query, known: [])
            let lastID = request.headers[.lastEventID]
            return Response(
                status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: PulledBody.make(
                    { hub.subscribe(after: lastID, drop: { context.client.drop() }) }, to: context.client))
        }
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
