import GantryCore
import JSON
import Testing

@testable import GantryImages

@Suite("Manifests and configurations", .timeLimit(.minutes(10)))
struct ManifestTests {
    @Test(
        "that make no sense are refused",
        arguments: [
            "", "[]", "{}", #"{"schemaVersion":1,"layers":[]}"#, #"{"schemaVersion":2}"#,
            #"{"schemaVersion":2,"config":{},"layers":[]}"#,
            #"{"schemaVersion":2,"config":{"digest":"sha512:ab","size":1},"layers":[]}"#,
            #"{"schemaVersion":2,"config":{"digest":"../../etc/passwd","size":1},"layers":[]}"#,
            #"{"schemaVersion":2,"manifests":[{"size":1}]}"#,
        ])
    func refusesManifests(_ text: String) {
        #expect(throws: EngineError.self) { try ImageManifest(parsing: Array(text.utf8), of: "x") }
    }

    @Test("with more layers than can be mounted are refused")
    func refusesTooManyLayers() {
        let one = #"{"digest":"\#(digest("x"))","size":1}"#
        let text =
            #"{"schemaVersion":2,"config":\#(one),"layers":[\#([String](repeating: one, count: 501).joined(separator: ","))]}"#
        #expect(throws: EngineError.self) { try ImageManifest(parsing: Array(text.utf8), of: "x") }
    }

    @Test("may leave out what is optional")
    func toleratesAbsence() throws {
        let text = #"{"rootfs":{"diff_ids":[]},"config":null}"#
        let config = try ImageConfig(parsing: Array(text.utf8), of: "x")
        #expect(config.platform == nil && config.user == "" && config.labels == [:] && config.execution == [:])
        #expect(throws: EngineError.self) {
            try ImageConfig(parsing: Array(#"{"rootfs":{"diff_ids":["x"]}}"#.utf8), of: "x")
        }
        #expect(throws: EngineError.self) { try ImageConfig(parsing: Array("{}".utf8), of: "x") }
    }

    @Test("of an image without layers may have null for them")
    func hasNoLayers() throws {
        let manifest = #"{"schemaVersion":2,"config":{"digest":"\#(digest("x"))","size":1},"layers":null}"#
        guard case .image(let image) = try ImageManifest(parsing: Array(manifest.utf8), of: "x") else {
            Issue.record("is no image")
            return
        }
        #expect(image.layers.isEmpty)
        for rootfs in [#"{"type":"layers","diff_ids":null}"#, #"{"type":"layers"}"#] {
            #expect(try ImageConfig(parsing: Array(#"{"rootfs":\#(rootfs)}"#.utf8), of: "x").diffIDs.isEmpty)
        }
        for rootfs in ["null", "[]", #"{"diff_ids":{}}"#, #"{"diff_ids":""}"#] {
            #expect(throws: EngineError.self) {
                try ImageConfig(parsing: Array(#"{"rootfs":\#(rootfs)}"#.utf8), of: "x")
            }
        }
    }
}
