import GRPCCore
import SwiftProtobuf
import Testing

@testable import CRI

@Suite(.timeLimit(.minutes(10))) struct FieldCounterTests {
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var head = [number << 3 | 2]
        var length = bytes.count
        while length >= 0x80 {
            head.append(UInt8(length & 0x7f) | 0x80)
            length >>= 7
        }
        return head + [UInt8(length)] + bytes
    }

    /// Empty elements of a list or map, two bytes each.
    private static func empty(_ number: UInt8, count: Int = 100_001) -> [UInt8] {
        Array(repeatElement([number << 3 | 2, 0], count: count).joined())
    }

    private static func refusal<Request: Message>(_ type: Request.Type, _ bytes: [UInt8]) -> RPCError? {
        #expect(throws: RPCError.self) { try RequestDeserializer<Request>().deserialize(bytes) }
    }

    private static func exceeds<M: Message>(_ limit: Int, _ type: M.Type, _ bytes: [UInt8]) throws -> Bool {
        try bytes.withUnsafeBytes { bytes throws in try FieldCounter.exceeds(limit, type, bytes) }
    }

    @Test("A request of countless empty elements is refused, at whatever depth, whatever stands before them")
    func amplification() throws {
        let group: [UInt8] = [15 << 3 | 3, 15 << 3 | 4]
        let errors = [
            Self.refusal(Runtime_V1_CreateContainerRequest.self, Self.field(2, Self.empty(7))),
            Self.refusal(Runtime_V1_CreateContainerRequest.self, Self.field(2, Self.field(7, Self.empty(6)))),
            Self.refusal(Runtime_V1_CreateContainerRequest.self, Self.field(2, Self.empty(3))),
            Self.refusal(Runtime_V1_RunPodSandboxRequest.self, Self.field(1, Self.empty(6))),
            Self.refusal(Runtime_V1_RunPodSandboxRequest.self, group + Self.field(1, group + Self.empty(5))),
            Self.refusal(Runtime_V1_RunPodSandboxRequest.self, Self.empty(1)),
            Self.refusal(Runtime_V1_ListPodSandboxRequest.self, Self.field(1, Self.empty(3))),
            Self.refusal(Runtime_V1_ExecSyncRequest.self, Self.empty(2)),
            Self.refusal(
                Runtime_V1_CreateContainerRequest.self,
                Self.field(2, Self.empty(7, count: 60_000)) + Self.field(3, Self.empty(6, count: 60_000))),
        ]
        for error in errors {
            #expect(error?.code == .invalidArgument && error?.message.contains("more than 100000 fields") == true)
        }
    }

    @Test("Numbers in one field count as many as they are")
    func packed() throws {
        let request = Runtime_V1_RunPodSandboxRequest.with {
            $0.config.linux.securityContext.supplementalGroups = Array(repeating: 300, count: 1_000)
        }
        let bytes: [UInt8] = try request.serializedBytes()
        // One each for config, linux, the context and the list.
        #expect(try Self.exceeds(1_003, Runtime_V1_RunPodSandboxRequest.self, bytes))
        #expect(try !Self.exceeds(1_004, Runtime_V1_RunPodSandboxRequest.self, bytes))
    }

    @Test("Each field counts one, at each depth, and what a text looks like counts nothing")
    func counting() throws {
        let request = Runtime_V1_CreateContainerRequest.with {
            $0.podSandboxID = String(repeating: "aaaaaaaaaa", count: 1_000)
            $0.config.metadata.name = "n"
            $0.config.mounts = [.with { $0.hostPath = "/a" }, .with { $0.readonly = true }]
            $0.config.labels = ["a": "b", "c": "d"]
        }
        let bytes: [UInt8] = try request.serializedBytes()
        #expect(try Self.exceeds(9, Runtime_V1_CreateContainerRequest.self, bytes))
        #expect(try !Self.exceeds(10, Runtime_V1_CreateContainerRequest.self, bytes))
    }

    @Test("Large values are no fields")
    func largeValues() throws {
        let request = Runtime_V1_CreateContainerRequest.with {
            $0.config.annotations["a"] = String(repeating: "\u{12}", count: 2 << 20)
            $0.config.envs = [.with { $0.key = String(repeating: "a", count: 2 << 20) }]
        }
        let bytes: [UInt8] = try request.serializedBytes()
        #expect(try RequestDeserializer<Runtime_V1_CreateContainerRequest>().deserialize(bytes) == request)
    }
}
