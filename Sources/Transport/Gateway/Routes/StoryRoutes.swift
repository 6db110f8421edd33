import ByteText
import Domain
import Hummingbird
import JSON

/// A pod's story, also of one that is gone.
struct StoryRoutes {
    private let useCases: UseCases
    private let lookup: IDLookup
    /// Each reads the journal on a thread of its own.
    private let places = StreamPlaces("stories", most: 8)

    init(useCases: UseCases) {
        self.useCases = useCases
        lookup = IDLookup(useCases: useCases)
    }

    func add(to table: inout RouteTable) {
        table.get("/v1/pods/{pod}/story") { [useCases, lookup, places] request, context in
            _ = try QueryReader(request.uri.query, known: [])
            let place = try places.take()
            defer { withExtendedLifetime(place) {} }
            let id = try await lookup.everyPod(try context.pathParameter("pod"))
            let story = try await useCases.podStory(id)
            return .json { story.write(&$0) }
        }
    }
}
