/// The ids that were removed lately, so that late news does not bring them back. Ids never repeat, so forgetting the oldest is safe
/// as soon as no news can be that old: news is seconds old, and no node removes thousands of pods in that time.
///
/// Each takes some 180 bytes. It is all that a daemon has of pods that are gone, so that the capacity is how much it grows by.
struct Tombstones<ID: Hashable> {
    private var members: Set<ID> = []
    private var order: [ID] = []
    private var next = 0
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    func contains(_ id: ID) -> Bool { members.contains(id) }

    mutating func insert(_ id: ID) {
        guard members.insert(id).inserted else { return }
        if order.count < capacity {
            order.append(id)
        } else {
            members.remove(order[next])
            order[next] = id
            next = (next + 1) % capacity
        }
    }
}
