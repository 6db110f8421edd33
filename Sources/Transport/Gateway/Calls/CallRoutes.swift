import CallRecords
import HTTPTypes
import Hummingbird
import JSON

/// The flight recorder: the last calls of both transports, as a list or as they end.
struct CallRoutes {
    let followers: CallFollowers
    private let places = StreamPlaces("followers of calls", most: 64)

    init(followers: CallFollowers) {
        self.followers = followers
    }

    func add(to table: inout RouteTable) {
        table.get("/v1/calls") { [followers] request, _ in
            let query = try QueryReader(request.uri.query, known: CallFilter.parameters)
            let filter = try CallFilter(query)
            let ended = followers.recorder.ended(after: 0, routine: filter.all).calls
            // What runs is last, as what ends last will be.
            return .jsonList("calls", filter.chosen(ended + followers.recorder.running)) { $0.write(&$1) }
        }
        table.get("/v1/calls/events") { request, context in
            try follow(
                request, context, try CallFilter(try QueryReader(request.uri.query, known: CallFilter.parameters)))
        }
    }

    private func follow(_ request: Request, _ context: GatewayContext, _ filter: CallFilter) throws -> Response {
        let place = try places.take()
        let frames = followers.frames(after: request.headers[.lastEventID], filter)
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: PulledBody.make({ frames }, to: context.client, holding: place))
    }
}
