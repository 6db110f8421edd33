import GantryCore
import Glibc
import JSON
import Testing

@testable import GantryImages

@Suite("Of what an image controls", .timeLimit(.minutes(10)))
struct ImageLimitTests {
    @Test("as much as the bound is taken, and one more is refused with the bound in the message", arguments: Bound.all)
    func stands(_ bound: Bound) throws {
        #expect(throws: Never.self) { try bound.have(bound.limit) }
        let error = #expect(throws: (any Error).self) { try bound.have(bound.limit + 1) }
        let found = try #require(error as? EngineError, "\(String(describing: error))")
        #expect([.invalid, .exhausted, .unsupported].contains(found.code))
        #expect(found.message.contains(bound.says), "\(found.message)")
    }

    @Test("every quantity has a bound that is tried, and that is told to people")
    func isComplete() throws {
        let values = Dictionary(
            uniqueKeysWithValues: Mirror(reflecting: ImageLimits.standard).children.map {
                ($0.label ?? "", "\($0.value)")
            })
        #expect(Set(values.keys) == Set(Bound.all.map(\.name)))
        let root = String("\(#filePath)".dropLast("Tests/GantryImagesTests/ImageLimitTests.swift".count))
        let page = try #require(try OpenDirectory.open(root + "docs").read("images.md", limit: 1 << 20))
        let lines = page.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
        for (name, value) in values {
            #expect(
                lines.contains { $0.hasPrefix("| `\(name)` | \(value) |") }, "docs/images.md: | `\(name)` | \(value) |")
        }
    }

    @Test("an image of what real ones have is taken whole")
    func takesRealOnes() throws {
        let long = (0..<12).map { String(repeating: "n\($0)", count: 60) }.joined(separator: "/")
        try unpack(.standard) {
            for number in 0..<500 {
                $0.pax([("path", "\(long)/\(number)")])
                $0.file("x", "\(number)")
                $0.pax([("linkpath", "\(long)/\(number)")])
                $0.hardLink("h\(number)", to: "x")
            }
        }
        try readManifest(layers: 127, .standard)
        try readConfig(
            #""Env":[\#(list(64) { #""A\#($0)=\#(text(4096))""# })],"ExposedPorts":{\#(list(16385) { #""\#($0)/udp":{}"# })}"#,
            .standard)
    }
}

@Suite("Records of images", .timeLimit(.minutes(10)))
struct ImageRecordTests {
    @Test("do without annotations that are too many, and say so")
    func leavesOut() throws {
        try withStore { test in
            let few = try test.add("few", layers: ["a"], as: "x.io/few", annotations: ["title": "few"])
            let many = try test.add("many", layers: ["a"], as: "x.io/many", annotations: ["x": text(1 << 20)])
            let index = try test.store.images()
            #expect(index.images[few.id]?.annotations == ["title": "few"] && few.omitted == .init())
            let record = test.store.record(of: try #require(index.images[many.id]))
            #expect(record["annotations"] == [:] && record["omitted"] == ["annotations"])
        }
    }

    /// `images.json` as the first engine wrote it.
    private func old(_ images: Int, _ annotations: String) -> [UInt8] {
        let records = list(images) {
            let digest = SHA256.digest(of: Array("\($0)".utf8))
            return
                #""\#(digest)":{"annotations":\#(annotations),"digests":["x.io/\#($0)@\#(digest)"],"import_time":1,"labels":{},"#
                + #""layers":[],"manifest":"\#(digest)","platform":"linux/amd64","removed":false,"size":1,"tags":["x.io/\#($0):1"],"#
                + #""user":"","wanted":["x.io/\#($0):1"]}"#
        }
        return Array(#"{"format":1,"images":{\#(records)}}"#.utf8)
    }

    @Test(
        "that an earlier engine made too large to read are read, listed, counted and removed",
        arguments: [
            (17, #"{"x":"\#(String(repeating: "y", count: 4 << 20))"}"#),
            (2, #"{"a\"}b":"\\\"},{\#(String(repeating: "{\\\\", count: 1 << 18))"}"#),
            (2, "{" + list(100_000) { #""\#($0)":"""# } + "}"),
        ])
    func heals(_ count: Int, _ annotations: String) throws {
        try withStore { test in
            try test.store.root.replace("images.json", with: old(count, annotations))
            let images = try test.store.images().list
            #expect(images.count == count)
            #expect(images.allSatisfy { $0.annotations == [:] && $0.omitted.names == ["annotations"] })
            _ = try test.store.usage()
            for number in 0..<count { #expect(try test.store.remove("x.io/\(number):1") != nil) }
            #expect(try test.store.images().images.isEmpty)
            #expect(try #require(try test.store.root.read("images.json", limit: 1000)).count < 100)
        }
    }

    @Test("of an earlier engine lose nothing that is small, and never who their user is")
    func keeps() throws {
        try withStore { test in
            try test.store.root.replace("images.json", with: old(1, #"{"a":"b"}"#))
            #expect(try test.store.images().list.map(\.annotations) == [["a": "b"]])
            let long = String(decoding: old(1, "{}"), as: UTF8.self).replacing(
                #""user":"""#, with: #""user":"\#(text(100_000))""#)
            try test.store.root.replace("images.json", with: Array(long.utf8))
            let user = try #require(try test.store.images().list.first?.user)
            #expect(!user.isEmpty && user.utf8.count < 100)
        }
    }

    @Test("of ten thousand images, with names and annotations as long as may be, are one message of a list")
    func fitIntoAMessage() throws {
        let limits = ImageLimits.standard
        // An id twice, with the tags and lengths of its messages.
        #expect(limits.listedNameBytes + limits.listedAnnotationBytes + limits.images * 200 < 16 << 20)
        let annotations = Dictionary(uniqueKeysWithValues: (0..<64).map { ("key-\($0)", text(55)) })
        var index = StoreIndex()
        for number in 0..<200 {
            let one = image(number, annotations: annotations)
            index.images[one.id] = one
        }
        for number in 200..<300 {
            let one = image(number, annotations: annotations)
            index.images[one.id] = one
            try index.admit(one.id)
        }
        #expect(index.images[image(200).id]?.omitted.annotations == false)
        #expect(index.images[image(299).id]?.omitted.annotations == true)
        let bytes = index.images.values.map(\.annotations.textBytes).reduce(0, +)
        #expect(bytes <= limits.listedAnnotationBytes && bytes > limits.listedAnnotationBytes - 5_000)
        // What is written is read back, whole.
        #expect(try StoreIndex(images: index.imagesFile, layers: nil, path: "x").images == index.images)
    }

    @Test(
        "of an earlier engine that are too many together lose those annotations and labels that are too much, not their empty ones"
    )
    func slimsTogether() throws {
        var index = StoreIndex()
        for number in 0..<1_000 {
            var one = image(number, annotations: number == 7 ? [:] : ["a": text(2_000)])
            one.labels = ["b": "\"\\{\u{1}\"" + text(1_500)]
            index.images[one.id] = one
        }
        let read = try StoreIndex(images: index.imagesFile, layers: nil, path: "x")
        let limits = ImageLimits.standard
        #expect(read.images.count == 1_000 && read.images[image(7).id]?.omitted.annotations == false)
        let annotations = read.images.values.filter { !$0.annotations.isEmpty }
        let labels = read.images.values.filter { !$0.labels.isEmpty }
        #expect(annotations.count == limits.listedAnnotationBytes / (2_000 + 8))
        #expect(labels.count == limits.listedLabelBytes / (1_500 + 8 + 13))
        #expect(annotations.allSatisfy { $0.annotations == ["a": text(2_000)] && !$0.omitted.annotations })
        #expect(read.images.values.filter(\.omitted.labels).count == 1_000 - labels.count)
        #expect(try StoreIndex(images: read.imagesFile, layers: nil, path: "x").images == read.images)
    }

    @Test("whose sizes nobody can add up are added up as far as numbers go")
    func saturates() throws {
        try withStore { test in
            var index = StoreIndex()
            for number in 0..<3 {
                index.layers[SHA256.digest(of: [UInt8(number)])] = .init(
                    number: number + 1, usage: DiskUsage(bytes: .max, inodes: .max))
            }
            try test.store.root.replace("layers.json", with: index.layersFile)
            #expect(try test.store.usage()["images"]?["used_bytes"]?.int64Value == .max)
        }
    }
}
