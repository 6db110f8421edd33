import ByteText
import Domain
import HTTPTypes
import Hummingbird
import NIOCore
import RequestSyntax

/// The logs of containers, as plain text.
struct LogRoutes {
    let useCases: UseCases
    let now: @Sendable () -> Timestamp
    private let places = StreamPlaces("logs", most: 256)

    init(useCases: UseCases, now: @escaping @Sendable () -> Timestamp) {
        self.useCases = useCases
        self.now = now
    }

    func add(to table: inout RouteTable) {
        table.get("/v1/containers/{container}/logs") { request, context in
            let id = try IDLookup(useCases: useCases).container(try context.pathParameter("container"))
            let (query, timestamps) = try query(request)
            let place = try places.take()
            // Before the answer begins, so that what is wrong is a status and not a broken body.
            let lines = try useCases.containerLog(id, query)
            return Response(
                status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
                body: PulledBody.make({ Self.text(lines, timestamps: timestamps) }, to: context.client, holding: place))
        }
    }

    private func query(_ request: Request) throws(DomainError) -> (query: LogQuery, timestamps: Bool) {
        let reader = try QueryReader(
            request.uri.query, known: ["follow", "tail", "since", "timestamps", "stream"])
        var query = LogQuery()
        query.follow = try reader.flag("follow")
        query.tail = try reader.number("tail", in: 0...1_000_000_000).map { Int($0) }
        query.stream = try reader.choice("stream", ["stdout": .stdout, "stderr": .stderr])
        if let since = try reader.text("since") { query.since = try time(since) }
        return (query, try reader.flag("timestamps"))
    }

    /// A time (RFC 3339), or how long ago: `90s`, `15m`, `2h`, a bare number of seconds.
    private func time(_ text: String) throws(DomainError) -> Timestamp {
        if let time = Timestamp(rfc3339: text) { return time }
        // With so many digits at most it is about a century at the longest.
        let units: KeyValuePairs<Substring, (factor: Int64, digits: Int)> = [
            "": (1, 9), "s": (1, 9), "m": (60, 7), "h": (3600, 6),
        ]
        let (digits, unit) = text.leading(\.isASCIIDigit)
        guard !digits.isEmpty, let span = units.first(where: { $0.key == unit })?.value else {
            throw DomainError(
                .invalidArgument,
                "since: \(text.quotedForMessage) is neither a time such as 2026-01-02T15:04:05Z nor one such as 15m")
        }
        guard digits.utf8.count <= span.digits, let value = Int64(digits: digits) else {
            throw DomainError(
                .invalidArgument,
                "since: \(text.quotedForMessage) is too long ago: at most \(span.digits) digits; leave it out for all lines"
            )
        }
        return Timestamp(nanoseconds: now().nanoseconds - value * span.factor * 1_000_000_000)
    }

    private static func text(
        _ lines: AsyncThrowingStream<[LogLine], any Error>, timestamps: Bool
    ) -> AsyncThrowingStream<ByteBuffer, any Error> {
        let source = LineSource(lines)
        return AsyncThrowingStream { try await source.next(timestamps: timestamps) }
    }
}

/// The iterator of a stream, for the one stream that is made of it.
private final class LineSource: @unchecked Sendable {
    private var iterator: AsyncThrowingStream<[LogLine], any Error>.Iterator
    /// Whether what was written last ended its line: a long line comes in pieces.
    private var isAtStart = true

    init(_ lines: AsyncThrowingStream<[LogLine], any Error>) { iterator = lines.makeAsyncIterator() }

    func next(timestamps: Bool) async throws -> ByteBuffer? {
        guard let lines = try await iterator.next() else { return nil }
        var text = ByteBuffer()
        for line in lines {
            if timestamps, isAtStart { text.writeString("\(line.time) ") }
            text.writeBytes(line.content)
            isAtStart = !line.isPartial
            if isAtStart { text.writeInteger(UInt8(ascii: "\n")) }
        }
        return text
    }
}
