import GantryCore
import Testing

@testable import GantryImages

private let digest = "sha256:" + String(repeating: "0f", count: 32)

@Suite("Image references", .timeLimit(.minutes(10)))
struct ImageReferenceTests {
    @Test(
        "are normalised as Docker does",
        arguments: [
            ("busybox", "docker.io/library/busybox:latest"),
            ("busybox:1.35", "docker.io/library/busybox:1.35"),
            ("library/busybox", "docker.io/library/busybox:latest"),
            ("docker.io/busybox", "docker.io/library/busybox:latest"),
            ("index.docker.io/busybox:1", "docker.io/library/busybox:1"),
            ("grafana/grafana:11", "docker.io/grafana/grafana:11"),
            ("localhost/a", "localhost/a:latest"),
            ("localhost:5000/a/b:t", "localhost:5000/a/b:t"),
            ("127.0.0.1:5000/a", "127.0.0.1:5000/a:latest"),
            ("[::1]:5000/a:t", "[::1]:5000/a:t"),
            ("registry.k8s.io/pause:3.10", "registry.k8s.io/pause:3.10"),
            ("Host/a", "Host/a:latest"),
            ("a__b/c--d.e:T_1.x-y", "docker.io/a__b/c--d.e:T_1.x-y"),
            ("busybox@\(digest)", "docker.io/library/busybox@\(digest)"),
            ("busybox:1.35@\(digest)", "docker.io/library/busybox@\(digest)"),
            ("quay.io/x/y:1@\(digest)", "quay.io/x/y@\(digest)"),
        ])
    func normalises(_ text: String, _ expected: String) throws {
        #expect(try ImageReference(text).description == expected)
    }

    @Test(
        "are refused with an error that names them",
        arguments: [
            "", "Busybox", "busy box", "busybox:", ":1", "busybox:a b", "busybox:.x", "a/B/c", "a//b", "/a", "a/",
            "a..b", "a_._b", "-a",
            "a-", "busybox@sha256:12", "busybox@sha512:\(String(repeating: "a", count: 128))", "busybox@", "host:0/a",
            "host:99999/a",
            "host:/a", "-host.x/a", "[zz]/a", "busybox:\(String(repeating: "t", count: 129))",
            String(repeating: "a", count: 300),
            String(repeating: "0f", count: 32), "../../etc/passwd", "a/../b", "docker://busybox", "busybox\n",
        ])
    func refuses(_ text: String) {
        let error = #expect(throws: EngineError.self) { try ImageReference(text) }
        #expect(error?.code == .invalid)
        #expect(error?.message.contains("image reference") == true)
    }

    @Test("refuse absurd lengths without quoting them")
    func refusesAbsurdLengths() {
        let error = #expect(throws: EngineError.self) { try ImageReference(String(repeating: "a", count: 100_000)) }
        #expect((error?.message.count ?? 1000) < 200)
    }

    @Test("in any bytes never trap")
    func survivesArbitraryBytes() {
        var generator = SplitMix64(seed: 7)
        for _ in 0..<5000 {
            let count = Int.random(in: 0...40, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0x20...0x7e, using: &generator) }
            if let reference = try? ImageReference(String(decoding: bytes, as: UTF8.self)) {
                #expect((try? ImageReference(reference.description)) == reference)
            }
        }
    }
}

@Suite("Image sources", .timeLimit(.minutes(10)))
struct ImageSourceTests {
    @Test("know where they point and what they are called")
    func parses() throws {
        #expect(try ImageSource("docker://busybox").location == "docker://docker.io/library/busybox:latest")
        #expect(try ImageSource("busybox").location == "docker://docker.io/library/busybox:latest")
        #expect(try ImageSource("oci:/a/b").location == "oci:/a/b")
        #expect(try ImageSource("oci:/a/b:latest").reference == nil)
        #expect(try ImageSource("oci:/a/b:busybox:1").reference?.description == "docker.io/library/busybox:1")
        #expect(
            try ImageSource("docker-archive:/a.tar:busybox").reference?.description
                == "docker.io/library/busybox:latest")
        #expect(try ImageSource("docker-archive:/a.tar").reference == nil)
    }

    @Test(
        "are refused when they are of no known kind",
        arguments: ["http://x", "oci:relative", "oci:", "docker://", "dir:/x"])
    func refuses(_ text: String) {
        #expect(throws: EngineError.self) { try ImageSource(text) }
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
