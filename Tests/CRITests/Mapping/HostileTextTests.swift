import Domain
import GRPCCore
import SwiftProtobuf
import TextSamples
import Testing

@testable import CRI
@testable import RequestSyntax

@Suite(.timeLimit(.minutes(10))) struct HostileTextTests {
    private static let path = FieldPath("field")

    /// An entry of a map, or any field with a length.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2, UInt8(bytes.count)] + bytes
    }

    private static func entry(_ number: UInt8, _ key: String) -> [UInt8] {
        field(number, field(1, Array(key.utf8)) + field(2, Array("v".utf8)))
    }

    @Test("Keys of a map that only look alike are refused by name, never merged")
    func mapKeys() throws {
        let pod = [
            ("config.labels", Self.entry(6, "é") + Self.entry(6, "e\u{301}")),
            ("config.annotations", Self.entry(7, "K") + Self.entry(6, "K") + Self.entry(7, "\u{212A}")),
            ("config.linux.sysctls", Self.field(8, Self.entry(3, "a;") + Self.entry(3, "a\u{37E}"))),
            ("config.linux.sysctls", Self.field(8, Self.entry(3, "é")) + Self.field(8, Self.entry(3, "e\u{301}"))),
        ]
        for (name, config) in pod {
            let error = #expect(throws: RPCError.self) {
                try RequestDeserializer<Runtime_V1_RunPodSandboxRequest>().deserialize(Self.field(1, config))
            }
            #expect(error?.code == .invalidArgument && error?.message.utf8.starts(with: "\(name): ".utf8) == true)
        }
        let filter = Self.field(1, Self.entry(4, "é") + Self.entry(4, "e\u{301}"))
        #expect(throws: RPCError.self) {
            try RequestDeserializer<Runtime_V1_ListContainersRequest>().deserialize(filter)
        }
    }

    @Test("Keys that differ are taken, also the same key twice, and in mounts of their own")
    func goodKeys() throws {
        let config = Self.entry(6, "é") + Self.entry(6, "é") + Self.entry(6, "e") + Self.entry(7, "e\u{301}")
        let request = try RequestDeserializer<Runtime_V1_RunPodSandboxRequest>().deserialize(Self.field(1, config))
        #expect(request.config.labels.count == 2 && request.config.annotations.count == 1)
        let mounts = ["é", "e\u{301}"].map { Self.field(7, Self.field(9, Self.entry(2, $0))) }.joined()
        let container = try RequestDeserializer<Runtime_V1_CreateContainerRequest>().deserialize(
            Self.field(2, Array(mounts)))
        #expect(container.config.mounts.count == 2)
    }

    @Test(
        "Whatever the bytes are, the look at the keys neither traps nor hides what the decoder says", arguments: 0..<20)
    func anyBytes(seed: UInt64) throws {
        var samples = TextSamples(seed: seed)
        let good = Self.field(1, Self.entry(6, "a") + Self.entry(7, "b") + Self.field(8, Self.entry(3, "c")))
        for _ in 0..<500 {
            var bytes = good
            for _ in 0..<Int.random(in: 1...4, using: &samples) {
                bytes[Int.random(in: bytes.indices, using: &samples)] = UInt8.random(in: 0...255, using: &samples)
            }
            let ours = try? RequestDeserializer<Runtime_V1_RunPodSandboxRequest>().deserialize(bytes)
            let theirs = try? Runtime_V1_RunPodSandboxRequest(serializedBytes: bytes)
            #expect(ours == theirs)
        }
    }

    @Test("What a request names is what the bytes say", arguments: 0..<20)
    func fields(seed: UInt64) {
        var samples = TextSamples(seed: seed)
        for _ in 0..<100 {
            let relative = samples.text(of: ["..", "a"], ["/"])
            let isTaken = (try? Self.path.relativePath(relative)) != nil
            #expect(
                !isTaken || !ByteModel.climbs(relative) && relative.utf8.first != 0x2f, "\(relative.debugDescription)")
            let word = samples.text(of: ["CAP_", "KILL", "sys_ADMIN"], ["_", ""], marks: 30)
            if let name = try? Capabilities.name(word, at: Self.path) {
                #expect(
                    word.utf8.allSatisfy { $0 < 0x80 } && name.utf8.allSatisfy { $0 < 0x80 }, "\(word.debugDescription)"
                )
            }
            let range = samples.text(of: ["10.0.0.0", "16", "fd00::"], ["/", ","], marks: 20)
            if (try? Self.path.ranges(range)) != nil { #expect(range.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }) }
            let device = samples.text(of: ["vendor.com", "class", "gpu0"], ["/", "="], marks: 20)
            if (try? Device.cdiName(device, at: Self.path)) != nil {
                #expect(ByteModel.split(Array(device.utf8), UInt8(ascii: "=")).count == 2)
            }
        }
    }

    @Test("A deadline is digits and a unit", arguments: TextSamples.marks)
    func deadline(_ mark: String) {
        #expect(
            CancellationInterceptor.duration("1\(mark)S") == nil && CancellationInterceptor.duration("1S\(mark)") == nil
        )
        #expect(CancellationInterceptor.duration("+1S") == nil && CancellationInterceptor.duration("1S") == .seconds(1))
    }
}
