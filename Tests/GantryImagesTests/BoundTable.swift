import GantryCore
import Testing

@testable import GantryImages

extension Bound {
    static let all = documents + execution + records + names + archives

    private static let documents: [Bound] = [
        Bound("manifestBytes", \.manifestBytes) {
            let plain = #"{"schemaVersion":2,"config":{"digest":"sha256:","size":1},"layers":[]}"#.utf8.count + 64
            try readManifest($0, padding: $1 - plain)
        },
        Bound("configBytes", \.configBytes) {
            try readConfig("", $0, padding: $1 - #"{"rootfs":{"diff_ids":[]},"config":{}}"#.utf8.count)
        },
        Bound("configBytes", \.configBytes) { try readManifest(configBytes: $1, $0) },
        Bound("documentValues", \.documentValues) {
            // The other values and keys are nine.
            try readConfig("", $0, more: #","x":[\#(list($1 - 9) { _ in "1" })]"#)
        },
        Bound("documentDepth", \.documentDepth) {
            let open = String(repeating: "[", count: $1 - 1)
            try readConfig("", $0, more: #","x":\#(open)1\#(open.map { _ in "]" }.joined())"#)
        },
        Bound("indexEntries", \.indexEntries) { try readManifest(index: $1, $0) },
        Bound("indexDepth", \.indexDepth) { try IndexSearch.check(depth: $1, $0) },
        Bound("indexManifests", \.indexManifests) { try IndexSearch.check(lookedInto: $1, $0) },
        Bound("layers", \.layers) { try readManifest(layers: $1, $0) },
        Bound("layers", \.layers) { limits, count in
            let id = #""sha256:\#(String(repeating: "0", count: 64))""#
            let text = #"{"rootfs":{"diff_ids":[\#(list(count) { _ in id })]}}"#
            _ = try ImageConfig(parsing: Array(text.utf8), of: "the image", limits)
        },
        Bound("history", \.history) { try readConfig("", $0, more: #","history":[\#(list($1) { _ in "{}" })]"#) },
        Bound("ports", \.ports) {
            try readConfig(#""ExposedPorts":{\#(list($1) { #""\#($0)/tcp":{}"# })}"#, $0)
        },
    ]

    private static let execution: [Bound] = [
        Bound("environment", \.environment) { try readConfig(#""Env":[\#(list($1) { #""A\#($0)=1""# })]"#, $0) },
        Bound("environmentBytes", \.environmentBytes) {
            try readConfig(#""Env":["A=","B=\#(text($1 - 4))"]"#, $0)
        },
        Bound("arguments", \.arguments) {
            try readConfig(#""Entrypoint":["a"],"Cmd":[\#(list($1 - 1) { _ in #""b""# })]"#, $0)
        },
        Bound("argumentBytes", \.argumentBytes) {
            try readConfig(#""Entrypoint":["a"],"Cmd":["\#(text($1 - 1))"]"#, $0)
        },
        Bound("volumes", \.volumes) { try readConfig(#""Volumes":{\#(list($1) { #""/\#($0)":{}"# })}"#, $0) },
        Bound("volumeDirectories", \.volumeDirectories) {
            let step = String(repeating: "a/", count: $1 - 3)
            try readConfig(#""Volumes":{"/a/b//":{},"\#(step)c":{}}"#, $0)
        },
        Bound("pathBytes", \.pathBytes) { try readConfig(#""Volumes":{"\#(text($1))":{}}"#, $0) },
        Bound("pathBytes", \.pathBytes) { try readConfig(#""WorkingDir":"\#(text($1))""#, $0) },
        Bound("userBytes", \.userBytes) { try readConfig(#""User":"\#(text($1))""#, $0) },
        Bound("signalBytes", \.signalBytes) { try readConfig(#""StopSignal":"\#(text($1))""#, $0) },
        Bound("platformBytes", \.platformBytes) {
            try readConfig("", $0, more: #","os":"linux","architecture":"\#(text($1))""#)
        },
        Bound("platformBytes", \.platformBytes) { try readConfig("", $0, more: #","variant":"\#(text($1))""#) },
    ]

    private static let records: [Bound] = [
        Bound("annotations", \.annotations, says: "annotations") {
            var omitted = StoredImage.Omitted()
            let all = Dictionary(uniqueKeysWithValues: (0..<$1).map { ("\($0)", "") })
            guard omitted.annotations(all, $0).count == $1 else { throw EngineError(.invalid, "\(omitted.names)") }
        },
        Bound("annotationBytes", \.annotationBytes, says: "annotations") {
            var omitted = StoredImage.Omitted()
            guard omitted.annotations(["ab": text($1 - 2)], $0).count == 1 else {
                throw EngineError(.invalid, "\(omitted.names)")
            }
        },
        Bound("labels", \.labels, says: "labels") {
            var omitted = StoredImage.Omitted()
            let all = Dictionary(uniqueKeysWithValues: (0..<$1).map { ("\($0)", "") })
            guard omitted.labels(all, $0).count == $1 else { throw EngineError(.invalid, "\(omitted.names)") }
        },
        Bound("labelBytes", \.labelBytes, says: "labels") {
            var omitted = StoredImage.Omitted()
            guard omitted.labels(["ab": text($1 - 2)], $0).count == 1 else {
                throw EngineError(.invalid, "\(omitted.names)")
            }
        },
        Bound("names", \.names, says: "forgot x.io/i:0") {
            var index = StoreIndex()
            let references = try (0..<$1).map { try ImageReference("x.io/i:\($0)") }
            for reference in references { try index.register(image(0), as: [reference], digests: [], $0) }
            guard index.find(references[0]) != nil else { throw EngineError(.invalid, "forgot \(references[0])") }
        },
        Bound("images", \.images, 100) { try admit((0..<$1).map { image($0) }, $0) },
        Bound("listedNameBytes", \.listedNameBytes) {
            // Beside the one name 5, and 154 for what each image has.
            try admit([image(0, tags: ["a"]), image(1, tags: [text($1 - 317)])], $0)
        },
        Bound("listedNameBytes", \.listedNameBytes, 10_000) {
            try admit([image(0, user: text(511)), image(1, user: text($1 - 819))], $0)
        },
        Bound("listedAnnotationBytes", \.listedAnnotationBytes) {
            try admit([image(0), image(1, annotations: ["a": text($1 - 8)])], $0)
        },
        Bound("listedLabelBytes", \.listedLabelBytes) {
            var labelled = image(1)
            labelled.labels = ["a": text($1 - 8)]
            try admit([image(0), labelled], $0)
        },
        Bound("indexBytes", \.indexBytes, 10_000) {
            var index = StoreIndex()
            let plain = index.imagesFile.count
            index.images[image(0).id] = image(0)
            let empty = index.imagesFile.count
            index.images[image(0).id] = image(0, tags: [text($1 - empty - 2)])
            try #require(plain < empty)
            _ = try index.checkedImagesFile(over: StoreIndex(), path: "x", $0)
        },
    ]

    private static let names: [Bound] = [
        Bound("pathBytes", \.pathBytes) { limits, count in
            _ = try EntryName(
                Array(String(repeating: "a/", count: 200).utf8) + [UInt8](repeating: 47, count: count - 400), limits)
        },
        Bound("pathBytes", \.pathBytes) { limits, count in
            try unpack(limits) {
                $0.pax([("linkpath", text(200) + String(repeating: "/", count: count - 200))])
                $0.symbolicLink("l", to: "x")
            }
        },
        Bound("componentBytes", \.componentBytes, says: "no file can have") { limits, count in
            try unpack(limits) {
                $0.pax([("path", text(count))])
                $0.file("x")
            }
        },
        Bound("depth", \.depth) { limits, count in
            try unpack(limits) {
                $0.pax([("path", String(repeating: "a/", count: count - 1) + "b")])
                $0.file("x")
            }
        },
        Bound("depth", \.depth, 20) { limits, count in
            // By a link, deeper than its names: the link's nine and its own.
            try unpack(limits) {
                $0.directory(String(repeating: "a/", count: 9))
                $0.symbolicLink("l", to: String(repeating: "a/", count: 9))
                $0.directory("l/" + String(repeating: "b/", count: count - 9))
            }
        },
    ]
}
