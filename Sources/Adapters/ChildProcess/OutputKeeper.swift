/// Keeps a bounded part of what passes by.
struct OutputKeeper {
    enum Part { case beginning, end }

    private let part: Part
    private let limit: Int
    private(set) var bytes: [UInt8] = []
    private(set) var wasCut = false

    init(_ part: Part, limit: Int) {
        self.part = part
        self.limit = max(limit, 0)
    }

    mutating func take(_ chunk: UnsafeRawBufferPointer) {
        switch part {
        case .beginning:
            let room = limit - bytes.count
            bytes.append(contentsOf: chunk.prefix(room))
            if chunk.count > room { wasCut = true }
        case .end:
            bytes.append(contentsOf: chunk)
            // Cut in large steps: cutting at every chunk would move the kept bytes each time.
            if bytes.count > 2 * limit { trim() }
        }
    }

    mutating func finish() {
        if part == .end { trim() }
    }

    private mutating func trim() {
        guard bytes.count > limit else { return }
        bytes.removeFirst(bytes.count - limit)
        wasCut = true
    }
}
