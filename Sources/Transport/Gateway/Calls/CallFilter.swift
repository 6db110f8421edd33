import ByteText
import CallRecords
import Domain

/// Which calls of the flight recorder somebody wants to see.
struct CallFilter: Sendable {
    static let parameters: Set<String> = ["all", "failed", "slow", "transport", "method", "object", "tail"]

    /// Also those that asked only, went well and were quick.
    var all = false
    var failed = false
    var slow: Duration?
    var transport: CallRecord.Transport?
    /// Part of the method.
    var method: String?
    /// The beginning of the object's id or reference, or part of its name.
    var object: String?
    /// No more than so many, the newest.
    var tail: Int?

    init() {}

    init(_ query: QueryReader) throws(DomainError) {
        all = try query.flag("all")
        failed = try query.flag("failed")
        slow = try query.text("slow").map { (text) throws(DomainError) in try Self.duration(text) }
        transport = try query.choice("transport", ["grpc": .grpc, "http": .http])
        method = try query.filter("method")
        object = try query.filter("object")
        tail = try query.number("tail", in: 0...1_000_000).map { Int($0) }
    }

    func matches(_ call: CallRecord) -> Bool {
        if failed, !call.hasFailed { return false }
        if let slow, call.duration < slow { return false }
        if let transport, call.transport != transport { return false }
        if let method, !call.method.has(text: method) { return false }
        guard let object else { return true }
        return call.object.begins(with: object) || call.name.has(text: object)
    }

    /// Those of the calls that are wanted.
    func chosen(_ calls: [CallRecord]) -> [CallRecord] {
        let matching = calls.filter(matches)
        return tail.map { Array(matching.suffix($0)) } ?? matching
    }

    /// `500ms`, `1s`, `2m`, `1h`; a bare number is seconds.
    private static func duration(_ text: String) throws(DomainError) -> Duration {
        let units: KeyValuePairs<Substring, Int64> = ["": 1000, "ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000]
        let (digits, unit) = text.leading(\.isASCIIDigit)
        guard (1...9).contains(digits.byteCount), let value = Int64(digits: digits),
            let factor = units.first(where: { $0.key == unit })?.value
        else {
            throw DomainError(
                .invalidArgument,
                "slow: \(text.quotedForMessage) is no time such as 500ms, 1s or 2m, of at most 9 digits"
            )
        }
        return .milliseconds(value * factor)
    }
}
