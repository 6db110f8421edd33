import GantryCore
import JSON
import Testing

@testable import GantryImages

/// Manifests and configurations by digest, as a registry has them.
private final class Shelf {
    private var content: [Digest: [UInt8]] = [:]

    private func put(_ json: JSON) -> (Digest, Int) {
        let bytes = Array(json.serialized().utf8)
        let digest = SHA256.digest(of: bytes)
        content[digest] = bytes
        return (digest, bytes.count)
    }

    private func descriptor(_ json: JSON, _ kind: String) -> [String: JSON] {
        let (digest, size) = put(json)
        return [
            "mediaType": .string(kind), "digest": .string(digest.description), "size": .integer(Int64(size)),
        ]
    }

    /// An image's manifest; its configuration says the platform, or none.
    func image(_ name: String, _ platform: String = "linux/amd64") throws -> [String: JSON] {
        var config: [String: JSON] = ["rootfs": ["diff_ids": []], "config": [:], "author": .string(name)]
        if !platform.isEmpty {
            let platform = try ImagePlatform(parsing: platform)
            config["os"] = .string(platform.os)
            config["architecture"] = .string(platform.architecture)
        }
        return descriptor(
            ["schemaVersion": 2, "config": .object(descriptor(.object(config), "config")), "layers": []],
            "application/vnd.oci.image.manifest.v1+json")
    }

    func index(_ entries: [[String: JSON]]) -> [String: JSON] {
        descriptor(
            ["schemaVersion": 2, "manifests": .array(entries.map(JSON.object))],
            "application/vnd.oci.image.index.v1+json")
    }

    func read(_ blob: BlobDescriptor) throws(EngineError) -> [UInt8] {
        guard let bytes = content[blob.digest] else { throw EngineError(.notFound, "no \(blob.digest)") }
        return bytes
    }

    /// The digest of the manifest that is found from an index of these entries.
    /// - Parameter known: the digest of a manifest whose image is in the store, for this platform.
    func find(
        _ entries: [[String: JSON]], _ limits: ImageLimits = .standard, known: (String?, String) = (nil, "linux/amd64")
    ) async throws -> String? {
        let bytes = Array(
            JSON.object(["schemaVersion": 2, "manifests": .array(entries.map(JSON.object))]).serialized().utf8)
        guard case .index(let entries) = try ImageManifest(parsing: bytes, of: "x") else { return nil }
        let platform = try ImagePlatform(parsing: known.1)
        var search = IndexSearch(
            platform: ImagePlatform(os: "linux", architecture: "amd64"), limits,
            known: { digest in
                guard digest.description == known.0 else { return nil }
                return StoredImage(
                    id: digest, manifest: digest, layers: [], size: 1, user: "", labels: [:], annotations: [:],
                    platform: platform, importTime: 1)
            },
            manifest: { (blob) throws(EngineError) in try self.read(blob) },
            config: { (image) throws(EngineError) in try self.read(image.config) })
        switch try await search.run(entries) {
        case .image(let digest, _, _): return digest.description
        case .present(let image): return "present \(image.id)"
        }
    }
}

extension [String: JSON] {
    fileprivate func of(_ platform: String) throws -> [String: JSON] {
        let platform = try ImagePlatform(parsing: platform)
        return merging(["platform": ["os": .string(platform.os), "architecture": .string(platform.architecture)]]) {
            $1
        }
    }

    fileprivate var attested: [String: JSON] {
        merging(["annotations": ["vnd.docker.reference.type": "attestation-manifest"]]) { $1 }
    }

    fileprivate var name: String? { self["digest"]?.stringValue }
}

@Suite("An index")
struct IndexSearchTests {
    private let shelf = Shelf()

    @Test("is no manifest as well", arguments: ["config", "layers"])
    func ambiguous(_ key: String) throws {
        let text = #"{"schemaVersion": 2, "manifests": [], "\#(key)": []}"#
        let error = try #require(throws: EngineError.self) { try ImageManifest(parsing: Array(text.utf8), of: "it") }
        #expect(error.code == .invalid && error.message.contains("at once"))
    }

    @Test("may have an index for each platform, with an attestation in it")
    func followsIndexes() async throws {
        let image = try shelf.image("ours")
        let ours = shelf.index([
            try shelf.image("attestation", "unknown/unknown").of("unknown/unknown"), try image.of("linux/amd64"),
        ])
        let theirs = shelf.index([try shelf.image("theirs", "linux/arm64").of("linux/arm64")])
        let found = try await shelf.find([try theirs.of("linux/arm64"), try ours.of("linux/amd64")])
        #expect(found == image.name)
        // Nor need the index itself say what it is for.
        #expect(try await shelf.find([theirs, ours]) == image.name)
    }

    @Test("is followed to a bounded depth")
    func boundsDepth() async throws {
        func nested(_ depth: Int) throws -> [[String: JSON]] {
            var entries = [try shelf.image("deep").of("linux/amd64")]
            for _ in 1..<depth { entries = [try shelf.index(entries).of("linux/amd64")] }
            return entries
        }
        #expect(try await shelf.find(nested(4)) == shelf.image("deep").name)
        let error = await #expect(throws: EngineError.self) { try await shelf.find(nested(5)) }
        #expect(error?.code == .invalid && error?.message.contains("4 indexes in one another") == true)
    }

    @Test("need not say platforms: the configurations do then")
    func asksConfigurations() async throws {
        let other = try shelf.image("other", "linux/arm64")
        let image = try shelf.image("ours")
        #expect(try await shelf.find([other, image, shelf.image("later")]) == image.name)
        #expect(try await shelf.find([other.of("linux/arm64"), image]) == image.name)
        // One alone is taken; what its configuration says is looked at later.
        #expect(try await shelf.find([other]) == other.name)
        let error = await #expect(throws: EngineError.self) { try await shelf.find([other, other]) }
        #expect(error?.code == .unsupported && error?.message.contains("linux/arm64") == true)
    }

    @Test("says no platform with empty texts either, as Docker's lists do")
    func takesEmptyPlatforms() async throws {
        func vague(_ entry: [String: JSON]) -> [String: JSON] {
            entry.merging(["platform": ["os": "", "architecture": ""]]) { $1 }
        }
        let image = try shelf.image("ours")
        #expect(try await shelf.find([vague(shelf.image("other", "linux/arm64")), vague(image)]) == image.name)
    }

    @Test("may have entries of kinds that are not known")
    func passesUnknownKinds() async throws {
        let image = try shelf.image("ours")
        let strange = try shelf.image("strange").merging(["mediaType": "application/vnd.example+json"]) { $1 }
        #expect(try await shelf.find([strange, image]) == image.name)
        #expect(try await shelf.find([strange.of("linux/amd64"), image.of("linux/amd64")]) == image.name)
        #expect(try await shelf.find([image.filter { $0.key != "mediaType" }, strange]) == image.name)
    }

    @Test("is answered from the store where the image is there, and by its platform where the index says none")
    func findsWhatIsThere() async throws {
        let (other, image) = (try shelf.image("other", "linux/arm64"), try shelf.image("ours"))
        let found = "present \(image.name ?? "")"
        #expect(try await shelf.find([other, image], known: (image.name, "linux/amd64")) == found)
        #expect(try await shelf.find([try image.of("linux/amd64")], known: (image.name, "linux/amd64")) == found)
        #expect(try await shelf.find([other, image], known: (other.name, "linux/arm64")) == image.name)
    }

    @Test("never means an attestation")
    func passesAttestations() async throws {
        let image = try shelf.image("ours")
        let note = try shelf.image("note")
        #expect(try await shelf.find([note.attested, image]) == image.name)
        #expect(try await shelf.find([try note.attested.of("linux/amd64"), image]) == image.name)
        #expect(try await shelf.find([try note.of("unknown/unknown"), image]) == image.name)
        let error = await #expect(throws: EngineError.self) { try await shelf.find([try note.of("unknown/unknown")]) }
        #expect(error?.code == .unsupported && error?.message.contains("unknown") == false)
    }

    @Test("with no image for the platform is an error that names those there are")
    func namesWhatThereIs() async throws {
        let entries = try [
            shelf.image("a", "linux/riscv64").of("linux/riscv64"), shelf.image("b", "linux/arm64").of("linux/arm64"),
        ]
        let error = await #expect(throws: EngineError.self) { try await shelf.find(entries) }
        #expect(error?.code == .unsupported)
        #expect(error?.message.contains("linux/arm64, linux/riscv64") == true)
    }

    @Test("without platforms is looked into for so many manifests only")
    func boundsCandidates() async throws {
        var limits = ImageLimits.standard
        limits.indexManifests = 3
        let others = try (0..<3).map { try shelf.image("\($0)", "linux/arm64") }
        #expect(try await shelf.find(others.suffix(2) + [shelf.image("ours")], limits) == shelf.image("ours").name)
        let error = await #expect(throws: EngineError.self) {
            try await shelf.find(others + [shelf.image("ours")], limits)
        }
        #expect(error?.code == .invalid && error?.message.contains("3 manifests") == true)
    }
}

@Suite("A layer's media type")
struct LayerMediaTypeTests {
    @Test(
        "says how it is compressed, in OCI's words and in Docker's",
        arguments: [
            ("application/vnd.oci.image.layer.v1.tar", .plain),
            ("application/vnd.oci.image.layer.v1.tar+gzip", .gzip),
            ("application/vnd.oci.image.layer.v1.tar+zstd", .zstd),
            ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", .gzip),
            ("application/vnd.docker.image.rootfs.diff.tar", .plain),
            ("application/vnd.docker.image.rootfs.diff.tar.gzip", .gzip),
            ("application/vnd.docker.image.rootfs.diff.tar.zstd", .zstd),
            ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", .gzip), ("", .unnamed),
            ("application/vnd.oci.image.layer.v1.tar+encrypted", nil),
            ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", nil),
            ("application/vnd.docker.image.rootfs.diff.tar+gzip", nil),
            ("application/vnd.oci.image.layer.v1.tar.gzip", nil),
            ("application/vnd.wasm.content.layer.v1+wasm", nil), ("text/plain", nil),
        ] as [(String, LayerMediaType?)])
    func reads(_ text: String, _ expected: LayerMediaType?) {
        #expect(LayerMediaType(text) == expected)
    }

    @Test("that is none of a layer's is refused by name")
    func refuses() {
        let layer = BlobDescriptor(mediaType: "text/plain", digest: SHA256.digest(of: []), size: 1)
        let error = #expect(throws: EngineError.self) { try LayerMediaType.check([layer]) }
        #expect(error?.code == .unsupported && error?.message.contains("text/plain") == true)
    }
}

@Suite("The signature policy")
struct SignaturePolicyTests {
    private static let anything = #"[{"type":"insecureAcceptAnything"}]"#

    @Test(
        "needs nobody's judgement only where it takes anything from anywhere",
        arguments: [
            (#"{"default":\#(anything)}"#, true), (#"{"default":\#(anything),"transports":{}}"#, true),
            (#"{"default":\#(anything),"transports":{"docker-daemon":{"":\#(anything)}}}"#, true),
            (#"{"default":[{"type":"reject"}]}"#, false), (#"{"default":[]}"#, false), ("{}", false), ("", false),
            (#"{"default":\#(anything),"default":\#(anything)}"#, false),
            (#"{"default":\#(anything),"more":1}"#, false), (#"{"default":\#(anything)} x"#, false),
            (#"{"default":\#(anything),"transports":{"docker":{"":[{"type":"reject"}]}}}"#, false),
            (#"{"default":\#(anything),"transports":{"docker":{"x.io":\#(anything)}}}"#, false),
            (#"{"default":\#(anything),"transports":[]}"#, false),
            (#"{"default":[{"type":"insecureAcceptAnything"},{"type":"signedBy"}]}"#, false),
            (#"{"default":[{"type":"insecureAcceptAnything","keyPath":"/x"}]}"#, false),
            (#"{"default":[{"Type":"insecureAcceptAnything"}]}"#, false),
        ])
    func reads(_ text: String, _ expected: Bool) {
        #expect(SignaturePolicy.takesAnything(Array(text.utf8)) == expected)
    }
}
