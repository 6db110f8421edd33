/// Timers by their deadline: the next one at once, any other in steps that grow with the logarithm of their number.
struct TimerHeap {
    private var heap: [EventLoop.Timer] = []

    var count: Int { heap.count }
    var first: EventLoop.Timer? { heap.first }

    mutating func insert(_ timer: EventLoop.Timer) {
        timer.place = heap.count
        heap.append(timer)
        rise(heap.count - 1)
    }

    /// Takes out one that is in here.
    mutating func remove(_ timer: EventLoop.Timer) {
        let place = timer.place
        guard place >= 0, place < heap.count, heap[place] === timer else { return }
        timer.place = -1
        let last = heap.removeLast()
        guard last !== timer else { return }
        heap[place] = last
        last.place = place
        rise(place)
        sink(last.place)
    }

    private mutating func rise(_ start: Int) {
        var place = start
        while place > 0, heap[place].isBefore(heap[(place - 1) / 2]) {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            var least = place
            for child in [2 * place + 1, 2 * place + 2]
            where child < heap.count && heap[child].isBefore(heap[least]) { least = child }
            guard least != place else { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        heap.swapAt(one, other)
        heap[one].place = one
        heap[other].place = other
    }
}
