import HTTPTypes
import Hummingbird

/// What happens to pods and containers, as server-sent events.
struct EventRoutes {
    let hub: EventHub
    private let places = StreamPlaces("event streams", most: 256)

    init(hub: EventHub) {
        self.hub = hub
    }

    func add(to table: inout RouteTable) {
        table.get("/v1/events") { [hub, places] request, context in
            _ = try QueryReader(request.uri.query, known: [])
            let place = try places.take()
            // Before the head of the answer goes out: who has seen it misses nothing that happens from then on.
            let events = hub.subscribe(after: request.headers[.lastEventID], drop: { context.client.drop() })
            return Response(
                status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
                body: PulledBody.make({ events }, to: context.client, holding: place))
        }
    }
}

extension HTTPField.Name {
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
}
