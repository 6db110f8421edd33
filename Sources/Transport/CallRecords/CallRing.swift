/// The newest calls, no more than a number of them and of their bytes.
struct CallRing {
    private var slots: [RecordedCall?] = []
    private var costs: [Int] = []
    private var first = 0
    private(set) var count = 0
    private(set) var bytes = 0
    /// The number of the newest call that had to make room; 0 before.
    private(set) var lastLost: UInt64 = 0

    private let most: Int
    private let mostBytes: Int

    init(most: Int, mostBytes: Int) {
        self.most = max(1, most)
        self.mostBytes = mostBytes
    }

    mutating func add(_ call: RecordedCall) {
        if slots.isEmpty {
            slots = Array(repeating: nil, count: most)
            costs = Array(repeating: 0, count: most)
        }
        let cost = call.cost
        while count > 0, count == most || bytes + cost > mostBytes { dropFirst() }
        let place = (first + count) % most
        slots[place] = call
        costs[place] = cost
        count += 1
        bytes += cost
    }

    /// Those with a higher number, the oldest first.
    func calls(after number: UInt64) -> [RecordedCall] {
        var calls: [RecordedCall] = []
        var place = count
        while place > 0, let call = slots[(first + place - 1) % most], call.number > number {
            calls.append(call)
            place -= 1
        }
        return calls.reversed()
    }

    private mutating func dropFirst() {
        if let call = slots[first] { lastLost = call.number }
        bytes -= costs[first]
        slots[first] = nil
        first = (first + 1) % most
        count -= 1
    }
}
