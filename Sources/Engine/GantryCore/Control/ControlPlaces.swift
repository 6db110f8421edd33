/// How many requests may wait for something at once, by what they wait for. Those that are answered at once are not counted: connections are kept
/// free for them.
///
/// Commands and additions beyond are refused. Whoever waits for an end makes way for the next who does: what he asked for goes on without him, and who
/// comes last has something to say (a shorter grace).
final class ControlPlaces {
    /// Of a pod.
    static let commands = 512
    /// Of one app.
    static let commandsOfApp = 256
    static let additions = 128
    /// Stops and removals.
    static let ends = 128
    static let endsOfOne = 32
    /// Starts and logs to be reopened.
    static let others = 64

    enum Kind: Hashable, CaseIterable {
        case command, addition, end, other

        init?(_ operation: String) {
            switch operation {
            case "app-exec", "app-attach", "app-checkpoint": self = .command
            case "app-add": self = .addition
            case "app-stop", "app-rm", "stop": self = .end
            case "app-start", "app-reopen-log": self = .other
            default: return nil
            }
        }

        var most: Int {
            switch self {
            case .command: ControlPlaces.commands
            case .addition: ControlPlaces.additions
            case .end: ControlPlaces.ends
            case .other: ControlPlaces.others
            }
        }

        /// Of one app; of the pod's own stops together.
        var mostOfOne: Int {
            switch self {
            case .command: ControlPlaces.commandsOfApp
            case .end: ControlPlaces.endsOfOne
            case .addition, .other: most
            }
        }
    }

    private struct Place {
        let number: UInt64
        let name: String
        let request: ControlRequest
    }

    /// Oldest first.
    private var places: [Kind: [Place]] = [:]
    private var last: UInt64 = 0

    /// All that may wait together.
    static var all: Int { Kind.allCases.reduce(0) { $0 + $1.most } }

    var count: Int { places.values.reduce(0) { $0 + $1.count } }

    /// Gives the request a place until it is answered or its client is gone.
    /// - Throws: `exhausted` where there is none.
    func admit(_ request: ControlRequest) throws(EngineError) {
        guard let kind = Kind(request.operation) else { return }
        let name = request.body["name"]?.stringValue ?? ""
        if let other = try obstacle(kind, name) {
            other.fail(
                EngineError(
                    .exhausted,
                    "control request \(other.operation): too many wait for the same; it goes on, ask again for what comes of it"
                ))
        }
        last += 1
        let number = last
        places[kind, default: []].append(Place(number: number, name: name, request: request))
        request.onSettled = { [weak self] in self?.places[kind]?.removeAll { $0.number == number } }
    }

    /// Who has to make way; nil: nobody.
    private func obstacle(_ kind: Kind, _ name: String) throws(EngineError) -> ControlRequest? {
        let taken = places[kind] ?? []
        let own = taken.filter { $0.name == name }
        let isOwn = own.count >= kind.mostOfOne
        guard isOwn || taken.count >= kind.most else { return nil }
        if kind == .end { return (isOwn ? own : taken).first?.request }
        let (most, whose) = isOwn && kind == .command ? (kind.mostOfOne, "app \(name)") : (kind.most, "this pod")
        let what =
            switch kind {
            case .command: "commands are being executed"
            case .addition: "apps are being added"
            case .end, .other: "requests wait"
            }
        throw EngineError(
            .exhausted, "\(whose): \(most) \(what) at once, which is the most; try again when one of them has ended")
    }
}
