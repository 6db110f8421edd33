/// Who waits for the end of which job. Several may: systemd gives one job to all who ask for the same thing meanwhile.
struct JobWaiters {
    private var tokens: [String: [BusCallToken]] = [:]

    mutating func add(_ token: BusCallToken, to path: String) { tokens[path, default: []].append(token) }

    mutating func remove(_ token: BusCallToken, from path: String) {
        tokens[path]?.removeAll { $0 === token }
        if tokens[path]?.isEmpty == true { tokens[path] = nil }
    }

    /// Everybody who waited for this job; nobody does any more.
    mutating func take(_ path: String) -> [BusCallToken] { tokens.removeValue(forKey: path) ?? [] }

    mutating func removeAll() { tokens = [:] }

    var isEmpty: Bool { tokens.isEmpty }
}
