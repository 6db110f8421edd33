/// Collects the header section that is being received; HTTP/2 allows only one at a time on a connection.
struct HeaderAccumulator {
    let stream: Int32
    private let limit: Int
    private var size = 0
    private var check = RequestCheck()
    private(set) var headers = RequestHeaders()

    init(stream: Int32, limit: Int) {
        self.stream = stream
        self.limit = limit
    }

    /// Valid once all fields were added. What was too large to be kept is answered, not judged.
    var isWellFormed: Bool { headers.isTooLarge || check.isWellFormed }

    mutating func add(name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
        size += HeaderField.listSize(nameBytes: name.count, valueBytes: value.count)
        guard size <= limit else {
            // A few compressed bytes can stand for megabytes: keep nothing of it.
            headers.isTooLarge = true
            headers.fields = []
            return
        }
        guard check.take(name: name, value: value) else { return }
        headers.fields.append(
            HeaderField(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self)))
    }
}
