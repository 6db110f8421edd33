import GRPCCore
import Gzip
import HTTP2
import NIOCore

@testable import GRPCTransport

extension FuzzTarget {
    /// The messages of a request's body. The first byte says how they are compressed, the second in what pieces the rest comes.
    static let messages = FuzzTarget("messages", longest: 4096) { input in
        guard input.count >= 2 else { return }
        let encoding = MessageEncoding.allCases[Int(input[0]) % MessageEncoding.allCases.count]
        let body = Array(input.dropFirst(2))
        let whole = messages(body, body.count, encoding)
        let pieces = messages(body, Int(input[1]), encoding)
        try promise(
            whole.messages == pieces.messages && whole.isRefused == pieces.isRefused, "pieces change the messages")
        try promise(whole.isAtEnd == pieces.isAtEnd, "pieces change whether a message is left unfinished")
        // Room for a message grows with what has arrived, and so with the pieces that it came in.
        try promise(max(whole.room, pieces.room) <= 2 * input.count + 64, "room for more than has come")
        for message in whole.messages {
            try promise(message.cost <= input.count + 64, "a message larger than its body")
            guard let bytes = try? message.bytes() else { continue }
            try promise(bytes.count <= 10_000, "a message over the limit")
            PlantedTrap.here(bytes, beginsWith: "lone")
        }
        for format in [CompressionFormat.gzip, .zlib] where input[0] >= 0xf0 {
            let packed = try format.compress(body)
            try promise(try format.decompress(packed, limit: body.count) == body, "compression loses something")
            try promise((try? format.decompress(packed.dropLast(), limit: body.count)) == nil, "takes half a message")
        }
    }

    private static func messages(_ body: [UInt8], _ size: Int, _ encoding: MessageEncoding)
        -> (messages: [FramedMessage], isAtEnd: Bool, room: Int, isRefused: Bool)
    {
        var deframer = MessageDeframer(limit: 10_000, encoding: encoding)
        var messages: [FramedMessage] = []
        for start in stride(from: 0, to: body.count, by: max(1, size)) {
            var buffer = ByteBuffer(bytes: body[start..<min(start + max(1, size), body.count)])
            do {
                while let message = try deframer.decode(&buffer) { messages.append(message) }
            } catch {
                return (messages, false, deframer.bufferedBytes, true)
            }
        }
        return (messages, deframer.isBetweenMessages, deframer.bufferedBytes, false)
    }

    /// A request's header fields, `name NUL value`, apart by line feeds.
    static let headers = FuzzTarget("headers", longest: 2048) { input in
        var fields: [HeaderField] = []
        for line in input.split(separator: 0x0a) {
            let halves = line.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            fields.append(
                HeaderField(
                    String(decoding: halves[0], as: UTF8.self),
                    halves.count > 1 ? String(decoding: halves[1], as: UTF8.self) : ""))
        }
        for field in fields {
            if let timeout = GRPCTimeout.nanoseconds(field.value) {
                try promise((0...(Int64.max / 2)).contains(timeout), "a timeout that no clock can be told")
            }
            if let bytes = Base64.decode(Array(field.value.utf8)) {
                try promise(Base64.decode(Array(Base64.encode(bytes).utf8)) == bytes, "base64 does not come back")
            }
            try promise(PercentEncoding.encode(field.value, limit: 100).utf8.count <= 100, "a message over its limit")
        }
        let head: RequestHead
        do throws(Rejection) { head = try RequestHead(RequestHeaders(fields), methods: [:]) } catch {
            return try promise((200...499).contains(error.httpStatus), "the status \(error.httpStatus)")
        }
        try promise(!head.method.service.fullyQualifiedService.isEmpty, "a method of no service")
        PlantedTrap.here(head.encoding == .gzip && head.method.method.utf8.count >= 4)
    }
}
