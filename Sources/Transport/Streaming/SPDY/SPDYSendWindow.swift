/// How much a peer is ready to take.
///
/// Go's spdystream, which every client of Kubernetes has, keeps no windows: it never says that it took something. A window counts once the peer has
/// shown, by its first update, that it keeps it; until then there is only the connection's own.
struct SPDYSendWindow {
    private var size: Int
    private(set) var isKept = false

    init(initial: Int = SPDY.initialWindow) { size = initial }

    /// How many bytes may be sent.
    var room: Int { isKept ? max(0, size) : .max }

    mutating func sent(_ count: Int) { size -= count }

    /// - Returns: false when the peer has let it grow beyond what the protocol has numbers for.
    mutating func update(by delta: UInt32) -> Bool {
        isKept = true
        size += Int(delta)
        return size <= Int(Int32.max)
    }

    /// Of streams that are open: a peer that sets it keeps windows.
    mutating func changeInitial(by difference: Int) {
        isKept = true
        size += difference
    }
}
