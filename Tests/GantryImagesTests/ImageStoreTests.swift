import GantryCore
import Glibc
import JSON
import Testing

@testable import GantryImages

@Suite("The image store", .timeLimit(.minutes(10)))
struct ImageStoreTests {
    @Test("finds an image by every name it has")
    func findsByName() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a", "b"], as: "example.com/one:1")
            let index = try test.store.images()
            for name in [
                "example.com/one:1", "docker://example.com/one:1", image.id.description, image.id.hex,
                String(image.id.hex.prefix(12)),
                "sha256:\(image.id.hex.prefix(8))", "example.com/one@\(image.manifest)",
                "example.com/one:2@\(image.manifest)",
            ] { #expect(try index.image(named: name).id == image.id) }
            for name in ["example.com/one:2", "example.com/two:1", "sha256:00000000", "abcdef"] {
                #expect(try index.find(name) == nil)
            }
            #expect(throws: EngineError.self) { try index.find("NOT A NAME") }
        }
    }

    @Test("shares layers between images, and drops them with the last")
    func sharesLayers() throws {
        try withStore { test in
            try test.add("one", layers: ["a", "b"], as: "x.io/one")
            try test.add("two", layers: ["a", "c"], as: "x.io/two")
            #expect(try test.layerDirectories().count == 3)
            _ = try test.store.remove("x.io/one")
            #expect(try test.layerDirectories().count == 2)
            _ = try test.store.remove("x.io/two")
            #expect(try test.layerDirectories() == [])
            #expect(try test.store.blobs.names() == [])
            #expect(try test.store.temporary.names() == [])
        }
    }

    @Test("moves a tag to the image fetched last, and keeps the other without it")
    func movesTags() throws {
        try withStore { test in
            let old = try test.add("old", layers: ["a"], as: "x.io/app:1")
            let new = try test.add("new", layers: ["b"], as: "x.io/app:1")
            let index = try test.store.images()
            #expect(index.images[old.id]?.tags == [])
            #expect(index.images[old.id]?.digests.count == 1)
            #expect(index.images[new.id]?.tags == ["x.io/app:1"])
            #expect(try index.image(named: "x.io/app:1").id == new.id)
            #expect(try test.store.collectGarbage(nameless: true).images == [old.id])
            #expect(try test.layerDirectories().count == 1)
        }
    }

    @Test("takes all names from an image that is removed by one of them")
    func removesAllNames() throws {
        try withStore { test in
            try test.add("one", layers: ["a"], as: "x.io/one:1")
            try test.add("one", layers: ["a"], as: "x.io/one:2")
            #expect(try test.store.images().images.count == 1)
            #expect(try test.store.remove("x.io/one:1") != nil)
            #expect(try test.store.images().images.isEmpty)
            #expect(try test.store.remove("x.io/one:1") == nil)
        }
    }

    @Test("keeps a removed image as long as an app uses it, without its names")
    func keepsWhatIsUsed() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a", "b"], as: "x.io/one")
            try test.use(image)
            #expect(try test.store.remove("x.io/one") == image.id)
            let kept = try #require(try test.store.images().images[image.id])
            #expect(kept.tags == [] && kept.digests == [])
            #expect(try test.layerDirectories().count == 2)
            #expect(try test.store.collectGarbage(nameless: true).images == [])
            try OpenDirectory.open(test.store.dataDirectory).removeTree("pods")
            #expect(try test.store.collectGarbage(nameless: true).images == [image.id])
            #expect(try test.layerDirectories() == [])
        }
    }

    @Test("brings a removed image back when it is fetched again")
    func bringsBack() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a"], as: "x.io/one")
            try test.use(image)
            _ = try test.store.remove("x.io/one")
            try test.add("one", layers: ["a"], as: "x.io/one")
            try OpenDirectory.open(test.store.dataDirectory).removeTree("pods")
            #expect(try test.store.collectGarbage(nameless: true).images == [])
            #expect(try test.store.images().image(named: "x.io/one").id == image.id)
        }
    }

    @Test(
        "takes everything for used, and goes on, while it cannot read what is used",
        arguments: ["{", "[]", #"{"image":"#])
    func staysSafe(_ text: String) throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a"], as: "x.io/one")
            let app = try OpenDirectory.make("\(test.store.dataDirectory)/pods/run/\(somePod)/apps/a")
            try app.replace("app.json", with: Array(text.utf8))
            #expect(try test.store.remove("x.io/one") == image.id)
            #expect(try test.store.images().find("x.io/one") == nil)
            try test.add("two", layers: ["b"], as: "x.io/two")
            let collected = try test.store.collectGarbage(nameless: true)
            #expect(collected.images == [] && collected.obstacle?.message.contains("app.json") == true)
            #expect(try test.layerDirectories().count == 2)
            try app.remove("app.json")
            #expect(try test.store.collectGarbage(nameless: true).images == [image.id])
            #expect(try test.layerDirectories().count == 1)
        }
    }

    @Test("passes over what is no pod's and no app's directory")
    func passesOverStrays() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a"], as: "x.io/one")
            let run = try OpenDirectory.make("\(test.store.dataDirectory)/pods/run")
            try run.touch("stray")
            try run.touch("22222222-2222-3333-4444-555555555555")
            try run.make(somePod, mode: 0o700).make("apps", mode: 0o700).touch("stray")
            _ = try run.make("lost+found", mode: 0o700).make("apps", mode: 0o700).make("a", mode: 0o700).replace(
                "app.json", with: [1])
            #expect(try test.store.remove("x.io/one") == image.id)
            #expect(try test.layerDirectories() == [])
        }
    }

    @Test("keeps what is leased, and locks nobody out meanwhile")
    func leases() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a"], as: "x.io/one")
            let lease = try ImageLease(test.store, of: ["x.io/one"])
            #expect(try test.store.remove("x.io/one") == image.id)
            try test.add("two", layers: ["b"], as: "x.io/two")
            #expect(try test.layerDirectories().count == 2)
            lease.release()
            #expect(try test.store.leases.names() == [])
            #expect(try test.store.collectGarbage(nameless: false).images == [image.id])
            #expect(try test.layerDirectories().count == 1)
        }
    }

    @Test("is asked again by whoever found in it what was removed before he had his lease")
    func leasesWithoutLock() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a"], as: "x.io/one")
            var looks = 0
            func find(_ index: StoreIndex) throws(EngineError) -> (found: Digest, held: LeaseFile.Held) {
                looks += 1
                let found = try index.image(named: "x.io/one")
                if looks == 1 { _ = try test.store.remove("x.io/one") }
                return (found.id, LeaseFile.Held(images: [found.id]))
            }
            let error = #expect(throws: EngineError.self) { _ = try test.store.hold(find).found }
            #expect(error?.code == .notFound && looks == 2)
            #expect(try test.layerDirectories() == [] && test.store.leases.names() == [])
            try test.add("one", layers: ["a"], as: "x.io/one")
            looks = 1
            let holding = try test.store.hold(find)
            #expect(holding.found == image.id && looks == 2)
            holding.release()
        }
    }

    @Test("is held while somebody stands still with its lock")
    func leasesBesideTheLock() throws {
        try withStore { test in
            try test.add("one", layers: ["a"], as: "x.io/one")
            let lock = try test.store.lock()
            let lease = try ImageLease(test.store, of: ["x.io/one"])
            let error = #expect(throws: EngineError.self) {
                _ = try FileLock("lock", in: test.store.root, patience: 20_000_000)
            }
            #expect(error?.code == .unavailable && error?.message.contains("by process \(getpid())") == true)
            lease.release()
            lock.release()
        }
    }

    @Test("keeps for a while what a killed process has leased")
    func leasesOfTheDead() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a"], as: "x.io/one")
            let number = try #require(try test.store.readIndex().layerNumbers(of: image).first ?? nil)
            try test.store.leases.replace("l1", with: Array(#"{"images":["\#(image.id)"],"layers":[\#(number)]}"#.utf8))
            #expect(try test.store.remove("x.io/one") == image.id)
            #expect(try test.layerDirectories().count == 1)
            var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
            utimensat(test.store.leases.descriptor, "l1", &times, 0)
            #expect(try test.store.collectGarbage(nameless: false).images == [image.id])
            #expect(try test.store.leases.names() == [] && test.layerDirectories() == [])
        }
    }

    @Test("does not wait for the lock, and changes nothing, once the task is cancelled")
    func cancellation() async throws {
        let parent = try OpenDirectory.open("/var/tmp")
        let name = "gantry-images-\(getpid())-cancelled"
        let directory = try parent.make(name, mode: 0o700)
        defer { try? parent.removeTree(name) }
        let store = try ImageStore(dataDirectory: directory.path)
        let test = TestStore(store: store)
        try test.add("one", layers: ["a"], as: "x.io/one")
        let lock = try store.lock()
        let task = Task { () throws -> Digest? in
            while !Task.isCancelled { await Task.yield() }
            return try store.remove("x.io/one")
        }
        task.cancel()
        await #expect(throws: EngineError(.unavailable, "was interrupted")) { try await task.value }
        lock.release()
        #expect(try store.images().find("x.io/one") != nil)
    }

    @Test(
        "is open to root alone, whoever made it and however its path is written", arguments: ["", "/", "//images/../"])
    func isPrivate(_ suffix: String) throws {
        try withTemporaryDirectory { directory in
            _ = try directory.make("images", mode: 0o755).make("layers", mode: 0o755)
            let store = try ImageStore(dataDirectory: directory.path + suffix)
            for directory in [store.root, store.blobs, store.layers, store.temporary, store.leases] {
                var status = stat()
                #expect(fstat(directory.descriptor, &status) == 0 && status.st_mode == S_IFDIR | 0o700)
            }
        }
    }

    @Test("leaves one name aside of a file at most")
    func writesAside() throws {
        try withStore { test in
            try test.store.root.touch(".images.json.4711")
            try test.store.root.touch(".layers.json.new")
            try test.add("one", layers: ["a"], as: "x.io/one")
            _ = try test.store.collectGarbage(nameless: false)
            #expect(try test.store.root.names().filter { $0.hasPrefix(".") } == [])
        }
    }

    @Test("does not show what was removed while it is used")
    func hidesRemoved() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a"], as: "x.io/one")
            try test.use(image)
            _ = try test.store.remove("x.io/one")
            let index = try test.store.images()
            for name in ["x.io/one", image.id.description, image.id.hex, String(image.id.hex.prefix(12))] {
                #expect(try index.find(name) == nil)
            }
            #expect(index.list == [] && index.images.count == 1)
        }
    }

    @Test("finds the layers that are there by their blobs, from the base on")
    func findsByBlob() throws {
        try withStore { test in
            try test.add("one", layers: ["a", "b", "b"], as: "x.io/one")
            let index = try test.store.readIndex()
            let chain = Digest.chain(["a", "b", "b"].map(digest))
            func found(_ layers: String...) -> [Digest] {
                index.layers(downloadedAs: layers.map { digest("blob of \($0)") }).map(\.id)
            }
            #expect(found("a", "b", "b") == chain && found("a", "c", "b") == [chain[0]] && found("b") == [])
            #expect(found("a", "b", "b", "b") == chain && found() == [])
        }
    }

    @Test("knows a layer by its place: on another base it is another one")
    func chains() throws {
        try withStore { test in
            try test.add("one", layers: ["a", "x"], as: "x.io/one")
            try test.add("two", layers: ["b", "x"], as: "x.io/two")
            #expect(try test.layerDirectories().count == 4)
        }
    }

    @Test("hands out the layers base first")
    func ordersLayers() throws {
        try withStore { test in
            let image = try test.add("one", layers: ["a", "b", "a", "c"], as: "x.io/one")
            let lease = try ImageLease(test.store, of: ["x.io/one"])
            let resolved = try lease.resolved("x.io/one")
            lease.release()
            let files = try resolved.layers.map { try OpenDirectory.open($0).names() }
            #expect(files == [["a"], ["b"], ["a"], ["c"]])
            #expect(resolved.config["os"] == "linux" && resolved.config["User"] == "one")
            #expect(test.store.lastUsed(image) >= image.importTime)
        }
    }

    @Test("sweeps what nobody holds and leaves alone what somebody does")
    func sweeps() throws {
        try withStore { test in
            let held = try Workspace(in: test.store.temporary)
            try held.directory.touch("busy")
            _ = try test.store.temporary.make("left", mode: 0o700).make("inside", mode: 0o700)
            try test.store.temporary.touch("pull-x")
            try Workspace.sweep(test.store.temporary)
            #expect(try test.store.temporary.names().count == 1)
            #expect(try held.directory.names() == ["busy"])
        }
    }

    @Test("drops layer directories that a killed process left without writing them down")
    func dropsStrayLayers() throws {
        try withStore { test in
            try test.add("one", layers: ["a"], as: "x.io/one")
            _ = try test.store.layers.make("2", mode: 0o755).make("stray", mode: 0o755)
            try test.add("two", layers: ["b"], as: "x.io/two")
            #expect(try test.layerDirectories() == ["1", "3"])
        }
    }

    @Test(
        "refuses files of a newer engine and damaged ones",
        arguments: [#"{"format":9,"images":{}}"#, "{", "[]", #"{"format":1,"images":{"x":{}}}"#])
    func refusesUnknownFiles(_ text: String) throws {
        try withStore { test in
            try test.store.root.replace("images.json", with: Array(text.utf8))
            #expect(throws: EngineError.self) { try test.store.images() }
        }
    }

    @Test("reads back what it wrote")
    func roundTrips() throws {
        try withStore { test in
            try test.add("one", layers: ["a", "b"], as: "x.io/one:1")
            let index = try test.store.readIndex()
            #expect(try StoreIndex(images: index.imagesFile, layers: index.layersFile, path: "x") == index)
        }
    }

    @Test("counts what layers and writable layers take")
    func countsUsage() throws {
        try withStore { test in
            try test.add("one", layers: ["a", "b"], as: "x.io/one")
            let upper = try OpenDirectory.make("\(test.store.dataDirectory)/pods/run/\(somePod)/apps/a/upper")
            try upper.replace("file", with: [UInt8](repeating: 7, count: 100_000))
            let usage = try test.store.usage()
            #expect((usage["images"]?["used_bytes"]?.int64Value ?? 0) >= 8192)
            #expect(usage["images"]?["inodes_used"]?.int64Value == 6)
            #expect((usage["containers"]?["used_bytes"]?.int64Value ?? 0) >= 100_000)
            #expect(usage["containers"]?["inodes_used"]?.int64Value == 1)
            // Counted again only after a while.
            try upper.touch("another")
            #expect(try test.store.usage(maximumAge: 3600)["containers"] == usage["containers"])
            #expect(try test.store.usage(maximumAge: 0)["containers"]?["inodes_used"]?.int64Value == 2)
        }
    }
}
