/// What the bus thread can be asked for.
enum BusRequest: Sendable {
    case stop(unit: String)
    case kill(unit: String, whom: String, signal: Int32)
    case resetFailed(unit: String)
    case set(unit: String, [UnitProperty])
    case state(unit: String)
    case list(prefix: String)

    /// For errors.
    var summary: String {
        switch self {
        case .stop(let unit): "stopping \(unit)"
        case .kill(let unit, _, let signal): "sending signal \(signal) to \(unit)"
        case .set(let unit, _): "setting limits of \(unit)"
        case .resetFailed(let unit): "forgetting the failure of \(unit)"
        case .state(let unit): "reading the state of \(unit)"
        case .list(let prefix): "listing the units \(prefix)*"
        }
    }
}

enum BusReply: Sendable {
    case done
    case state(UnitState?)
    case units([UnitSummary])
}

typealias BusResult = Result<BusReply, SystemdError>

/// A request on its way to the bus thread. `finish` is called exactly once, on the bus thread or by whoever finds the inbox closed.
struct BusCall: Sendable {
    let token: BusCallToken
    let request: BusRequest
    let deadline: ContinuousClock.Instant
    let finish: @Sendable (BusResult) -> Void
}
