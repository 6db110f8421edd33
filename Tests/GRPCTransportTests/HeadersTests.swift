import GRPCCore
import HTTP2
import Testing

@testable import GRPCTransport

@Suite("A request's headers", .timeLimit(.minutes(10)))
struct RequestHeadTests {
    private let good = [
        HeaderField(":method", "POST"), HeaderField(":scheme", "http"), HeaderField(":path", "/a.B/C"),
        HeaderField(":authority", "localhost"), HeaderField("content-type", "application/grpc"),
        HeaderField("te", "trailers"),
    ]

    private func head(_ changes: [String: String?] = [:], extra: [HeaderField] = []) throws(Rejection) -> RequestHead {
        var fields: [HeaderField] = []
        for field in good {
            switch changes[field.name] {
            case .none: fields.append(field)
            case .some(.none): continue
            case .some(.some(let value)): fields.append(HeaderField(field.name, value))
            }
        }
        return try RequestHead(RequestHeaders(fields + extra), methods: [:])
    }

    @Test("name the method and keep the metadata")
    func accepted() throws {
        let extra = [HeaderField("x-a", "1"), HeaderField("x-b-bin", "AQI, /w=="), HeaderField("grpc-timeout", "1S")]
        let forged = [HeaderField("rktlet-timeout", "1n")]
        let head = try head(extra: extra + forged)
        #expect(head.method == MethodDescriptor(fullyQualifiedService: "a.B", method: "C"))
        #expect(head.metadata == ["x-a": "1", "x-b-bin": [1, 2], "x-b-bin": [255], "rktlet-timeout": "1S"])
        #expect(head.timeout == 1_000_000_000)
        #expect(head.encoding == .identity)
    }

    @Test("give a known method its type")
    func knownMethod() throws {
        let known = MethodDescriptor(fullyQualifiedService: "a.B", method: "C", type: .unary)
        let head = try RequestHead(RequestHeaders(good), methods: ["/a.B/C": known])
        #expect(head.method.type == .unary)
    }

    @Test(
        "are refused with the status that says why",
        arguments: [
            (":method", "GET", 405, Status.Code.internalError), ("content-type", "text/html", 415, .invalidArgument),
            ("content-type", "application/grpcx", 415, .invalidArgument), ("content-type", nil, 415, .invalidArgument),
            ("te", nil, 200, .invalidArgument), ("te", "gzip", 200, .invalidArgument),
            (":path", "/a", 200, .unimplemented), (":path", "a/b", 200, .unimplemented),
            (":path", "/a/b/c", 200, .unimplemented), (":path", "//", 200, .unimplemented),
        ] as [(String, String?, Int, Status.Code)]
    )
    func refused(name: String, value: String?, httpStatus: Int, code: Status.Code) {
        let rejection = #expect(throws: Rejection.self) { try head([name: value]) }
        #expect(rejection?.httpStatus == httpStatus)
        #expect(rejection?.status.code == code)
    }

    @Test("are refused for an encoding nobody knows, with those that are known")
    func unknownEncoding() {
        let rejection = #expect(throws: Rejection.self) { try head(extra: [HeaderField("grpc-encoding", "br")]) }
        #expect(rejection?.status.code == .unimplemented)
        #expect(rejection?.headers.contains(HeaderField("grpc-accept-encoding", "identity,gzip,deflate")) == true)
    }

    @Test("are refused when their list was too large")
    func tooLarge() {
        var headers = RequestHeaders()
        headers.isTooLarge = true
        let rejection = #expect(throws: Rejection.self) { try RequestHead(headers, methods: [:]) }
        #expect(rejection?.httpStatus == 431)
        #expect(rejection?.status.code == .resourceExhausted)
    }
}

@Suite("A response's metadata", .timeLimit(.minutes(10)))
struct OutboundMetadataTests {
    @Test("becomes header fields, binary values as base64")
    func fields() throws {
        let fields = try OutboundMetadata.fields(["X-A": "1", "x-b-bin": [1, 2]])
        #expect(fields == [HeaderField("x-a", "1"), HeaderField("x-b-bin", "AQI")])
    }

    @Test(
        "is refused where it would break the connection or the protocol",
        arguments: [
            ["": "x"], [":status": "200"], ["a b": "x"], ["a\r\n": "x"], ["ü": "x"], ["grpc-status": "0"],
            ["connection": "close"], ["a": "x\r\ny"], ["a": "ü"], ["a": "\u{0}"],
        ] as [Metadata]
    )
    func refused(metadata: Metadata) {
        #expect(throws: RPCError.self) { try OutboundMetadata.fields(metadata) }
    }
}
