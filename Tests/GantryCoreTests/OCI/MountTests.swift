import JSON
import Testing
import TextSamples

@testable import GantryCore

@Suite(.timeLimit(.minutes(10)))
struct MountTests {
    private func with(_ mounts: [AppMount], _ change: (inout SpecCase) -> Void = { _ in }) -> SpecCase {
        var mounted = SpecCase()
        mounted.config.mounts = mounts
        for path in ["/srv", "/srv/a", "/dev"] { mounted.host.directory(path) }
        mounted.host.paths["/link"] = HostPath(path: "/srv/target", isDirectory: true)
        change(&mounted)
        return mounted
    }

    @Test func `A link on the host is followed, and a mount is writable and private unless it says otherwise`() throws {
        let spec = try with([AppMount(containerPath: "/data/", hostPath: "/link")]).build().json
        #expect(spec.mount("/data")?["source"] == "/srv/target")
        #expect(spec.options("/data") == ["rbind", "rw", "rprivate"])
        #expect(spec["linux"]?["rootfsPropagation"] == nil)
    }

    @Test func `A host path that is not there is an error that names it`() throws {
        let error = try #require(throws: EngineError.self) {
            try with([AppMount(containerPath: "/data", hostPath: "/none")]).build()
        }
        #expect(error.code == .invalid && error.message.contains("/none") && error.message.contains("mounts[0]"))
    }

    @Test func `Parents are mounted before children, in whatever order they are asked for`() throws {
        let spec = try with([
            AppMount(containerPath: "/a/b/c", hostPath: "/srv"), AppMount(containerPath: "/a", hostPath: "/srv/a"),
            AppMount(containerPath: "/a/b", hostPath: "/srv"),
        ]).build().json
        let order = spec.destinations.filter { $0.hasPrefix("/a") }
        #expect(order == ["/a", "/a/b", "/a/b/c"])
    }

    /// In the image, unless it says otherwise.
    private func linked(_ mounts: [AppMount], _ entries: [String: HostEntry]) throws -> [String] {
        let spec = try with(mounts) { made in
            for (path, entry) in entries {
                made.host.entries[path.hasPrefix("/srv") ? path : "/run/rootfs" + path] = entry
            }
        }.build().json
        let own = spec.destinations.filter { destination in
            spec.mount(destination)?["source"]?.stringValue?.hasPrefix("/srv") == true
        }
        return own
    }

    @Test func `A link in the image on the way to a target is followed, and decides which mount is first`() throws {
        let order = try linked(
            [
                AppMount(containerPath: "/l/f", hostPath: "/srv"),
                AppMount(containerPath: "/deep/er/dir", hostPath: "/srv/a"),
            ],
            ["/l": .link("/deep/er/dir"), "/deep": .directory, "/deep/er": .directory, "/deep/er/dir": .directory])
        #expect(order == ["/deep/er/dir", "/deep/er/dir/f"])
    }

    @Test func `A link in a mount is followed from the container's root`() throws {
        let order = try linked(
            [
                AppMount(containerPath: "/data/l/f", hostPath: "/srv/a"),
                AppMount(containerPath: "/data", hostPath: "/srv"),
            ],
            ["/srv/l": .link("../../../new/place"), "/data": .directory])
        #expect(order == ["/data", "/new/place/f"])
    }

    @Test func `What a dangling link names is what is mounted on`() throws {
        let order = try linked([AppMount(containerPath: "/l", hostPath: "/srv")], ["/l": .link("no/where")])
        #expect(order == ["/no/where"])
    }

    @Test
    func `The system's directories are mounted before what is asked for in them, and after what is asked for above`()
        throws
    {
        let spec = try with([
            AppMount(containerPath: "/sys/fs/cgroup/x", hostPath: "/srv"),
            AppMount(containerPath: "/sys", hostPath: "/srv/a"),
        ]).build().json
        let order = spec.destinations.filter { $0.hasPrefix("/sys") }
        #expect(order == ["/sys", "/sys/fs/cgroup", "/sys/fs/cgroup/x"])
    }

    @Test(arguments: [
        (["/l": HostEntry.link("l")], "/l", "/srv", "circles"),
        (["/l": .link("/")], "/l", "/srv", "root of the container"),
        (["/l": .other], "/l/x", "/srv", "/l of the container is no directory"),
        (["/l": .other], "/l", "/srv", "is no directory"),
        (["/l": .directory], "/l", "/srv/file", "it is a directory"),
    ])
    func `A target that cannot be had is refused by name`(
        entries: [String: HostEntry], target: String, source: String, why: String
    ) throws {
        let error = try #require(throws: EngineError.self) {
            try with([AppMount(containerPath: target, hostPath: source)]) { made in
                made.host.file("/srv/file")
                for (path, entry) in entries { made.host.entries["/run/rootfs" + path] = entry }
            }.build()
        }
        #expect(
            error.code == .invalid && error.message.contains("mounts[0] (\(target))") && error.message.contains(why))
    }

    @Test func `What is missing in a read-only mount is refused, the pod's files are left out there`() throws {
        let error = try #require(throws: EngineError.self) {
            try with([
                AppMount(containerPath: "/ro/new", hostPath: "/srv/a"),
                AppMount(containerPath: "/ro", hostPath: "/srv", readonly: true),
            ]).build()
        }
        #expect(error.code == .invalid && error.message.contains("mounts[0] (/ro/new)"))
        let spec = try with([AppMount(containerPath: "/etc", hostPath: "/srv", readonly: true)]) {
            $0.host.entries["/srv/hosts"] = .other
        }.build().json
        #expect(spec.destinations.filter { $0.hasPrefix("/etc") } == ["/etc", "/etc/hosts"])
    }

    @Test func `Of what is no directory recursively read-only is read-only`() throws {
        var mount = AppMount(containerPath: "/s", hostPath: "/srv/sock", readonly: true)
        mount.recursiveReadOnly = true
        let spec = try with([mount]) { $0.host.file("/srv/sock") }.build().json
        #expect(spec.options("/s") == ["rbind", "ro", "rprivate"])
    }

    /// Lists of mounts, and links of the image and of what is mounted: whatever comes of it, each target is free of links for whoever walks it
    /// as the runtime does, and nothing that was asked for is hidden by something that was asked for above it.
    @Test(arguments: 0..<300)
    func `Mounts of any order and any links come parents first, at targets without links`(seed: UInt64) throws {
        var random = TextSamples(seed: seed)
        let names = ["a", "b", "c"]
        func path(_ longest: Int) -> String {
            "/"
                + (0..<Int.random(in: 1...longest, using: &random)).map { _ in
                    names.randomElement(using: &random) ?? "a"
                }
                .joined(separator: "/")
        }
        var made = SpecCase()
        let sources = (0..<4).map { "/srv/\($0)" }
        for source in sources { made.host.directory(source) }
        for root in sources + ["/run/rootfs"] {
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let place = root + path(2)
                made.host.entries[place] =
                    Bool.random(using: &random)
                    ? .directory : .link((Bool.random(using: &random) ? "" : "..") + path(2))
            }
            // What has something in it is a directory.
            for place in made.host.entries.keys {
                let parent = place.dropLast(2)
                if made.host.entries[place] != nil, parent.hasPrefix(root + "/") {
                    made.host.entries[String(parent)] = .directory
                }
            }
        }
        made.config.mounts = sources.map { AppMount(containerPath: path(3), hostPath: $0) }
        let spec: JSON
        do {
            spec = try made.build().json
        } catch {
            #expect(error.code == .invalid && error.message.contains("mounts"), "\(error.message)")
            return
        }
        let own = (spec["mounts"]?.arrayValue ?? []).compactMap { mount -> (target: String, source: String)? in
            guard let source = mount["source"]?.stringValue, source.hasPrefix("/srv") else { return nil }
            return (mount["destination"]?.stringValue ?? "", source)
        }
        #expect(own.count == sources.count)
        // As the runtime: one after the other, in what is mounted by then.
        var mounted: [(target: String, source: String)] = []
        for mount in own {
            var walked = ""
            for component in mount.target.split(separator: "/") {
                walked += "/\(component)"
                let covers = mounted.filter { walked == $0.target || walked.hasPrefix($0.target + "/") }
                let longest = covers.map(\.target.count).max()
                let cover = covers.last { $0.target.count == longest }
                let place = cover.map { $0.source + walked.dropFirst($0.target.count) } ?? "/run/rootfs" + walked
                if case .link = made.host.entries[place] { Issue.record("\(mount.target): \(place) is a link") }
            }
            #expect(
                !mounted.contains { $0.target.hasPrefix(mount.target + "/") },
                "\(mount.target) hides what was mounted before")
            mounted.append(mount)
        }
    }

    @Test(arguments: ["/etc/hosts", "/dev/shm", "/etc/resolv.conf", "/sys/fs/cgroup", "/dev//shm/."])
    func `A mount of the app's own takes the place of the usual one`(path: String) throws {
        let spec = try with([AppMount(containerPath: path, hostPath: "/srv")]).build().json
        let place = LexicalPath.clean(path)
        #expect(spec.destinations.filter { $0 == place } == [place])
        #expect(spec.mount(place)?["source"] == "/srv")
    }

    @Test func `An app with a /dev of its own gets nothing made in it`() throws {
        let mount = AppMount(containerPath: "/dev", hostPath: "/dev")
        let built = try with([mount]) {
            $0.config.privileged = true
            $0.host.device("/dev/fuse", 10, 229)
        }.build()
        #expect(built.json["linux"]?["devices"] == [])
        #expect(!built.json.destinations.contains("/dev/pts"))
        #expect(built.json.destinations.filter { $0 == "/dev" }.count == 1)
    }

    @Test func `A read-only root makes the pod's files read-only, /dev/shm stays writable`() throws {
        let spec = try with([]) { $0.config.readonlyRootfs = true }.build().json
        #expect(spec["root"]?["readonly"] == true)
        #expect(spec.options("/etc/hosts").contains("ro"))
        #expect(spec.options("/dev/shm").contains("rw"))
    }

    @Test func `Recursive read-only is asked for, where the kernel can`() throws {
        var mount = AppMount(containerPath: "/data", hostPath: "/srv", readonly: true)
        mount.recursiveReadOnly = true
        #expect(try with([mount]).build().json.options("/data") == ["rbind", "ro", "rprivate", "rro"])
        let error = try #require(throws: EngineError.self) {
            try with([mount]) { ($0.facts.kernelMajor, $0.facts.kernelMinor) = (5, 11) }.build()
        }
        #expect(error.code == .unsupported)
    }

    @Test(arguments: [
        (AppMount.Propagation.hostToContainer, true, false, "rslave"),
        (.hostToContainer, false, true, "rslave"),
        (.bidirectional, true, false, "rshared"),
    ])
    func `Propagation reaches the mount and the root`(
        propagation: AppMount.Propagation, shared: Bool, slave: Bool, option: String
    ) throws {
        var mount = AppMount(containerPath: "/data", hostPath: "/srv")
        mount.propagation = propagation
        let spec = try with([mount]) {
            $0.host.propagation = MountPropagation(mountPoint: "/", isShared: shared, isSlave: slave)
        }.build().json
        #expect(spec.options("/data").last == option)
        #expect(spec["linux"]?["rootfsPropagation"]?.stringValue == option)
    }

    @Test(arguments: [(AppMount.Propagation.hostToContainer, false, false), (.bidirectional, false, true)])
    func `Propagation that the host's mount cannot give is refused`(
        propagation: AppMount.Propagation, shared: Bool, slave: Bool
    ) throws {
        var mount = AppMount(containerPath: "/data", hostPath: "/srv")
        mount.propagation = propagation
        let error = try #require(throws: EngineError.self) {
            try with([mount]) {
                $0.host.propagation = MountPropagation(mountPoint: "/mnt", isShared: shared, isSlave: slave)
            }.build()
        }
        #expect(error.code == .invalid && error.message.contains("/mnt"))
    }

    @Test func `An image is mounted read-only, its sub-path confined to it`() throws {
        var mount = AppMount(containerPath: "/model", hostPath: "")
        mount.image = "example.com/model"
        #expect(throws: EngineError.self) { try with([mount]).build() }
        func build() throws -> JSON {
            try with([mount]) {
                $0.imageMounts["example.com/model"] = "/run/images/0"
                $0.host.directory("/run/images/0/sub")
                $0.host.paths["/run/images/0/escape"] = HostPath(path: "/etc", isDirectory: true)
            }.build().json
        }
        #expect(try build().mount("/model")?["source"] == "/run/images/0")
        #expect(try build().options("/model") == ["rbind", "ro", "rprivate", "nosuid", "nodev", "noexec"])
        mount.imageSubPath = "sub"
        #expect(try build().mount("/model")?["source"] == "/run/images/0/sub")
        mount.imageSubPath = "escape"
        #expect(throws: EngineError.self) { try build() }
        mount.imageSubPath = "none"
        #expect(throws: EngineError.self) { try build() }
    }

    @Test func `Relabelling is refused where it would matter, and nowhere else`() throws {
        var mount = AppMount(containerPath: "/data", hostPath: "/srv")
        mount.selinuxRelabel = true
        _ = try with([mount]).build()
        let error = try #require(throws: EngineError.self) {
            try with([mount]) { $0.config.selinux.type = "t" }.build()
        }
        #expect(error.code == .unsupported && error.message.contains("selinuxRelabel"))
        _ = try with([mount]) {
            $0.config.selinux.type = "t"
            $0.facts.seLinux = false
        }.build()
    }

    @Test func `An empty mount is memory`() throws {
        var mount = AppMount(containerPath: "/scratch", hostPath: "")
        mount.empty = true
        #expect(try with([mount]).build().json.mount("/scratch")?["type"] == "tmpfs")
    }

    @Test func `A mount has the options that it asks for, and keeps what the host's mount denies`() throws {
        var mount = AppMount(containerPath: "/data", hostPath: "/srv")
        func options() throws -> [String] {
            try with([mount]) {
                $0.host.directory("/srv")
                $0.host.restrictions = ["nosuid", "noatime", "ro"]
            }.build().json.options("/data")
        }
        #expect(try options() == ["rbind", "rw", "rprivate"])
        mount.options = ["noexec", "nosuid"]
        #expect(try options() == ["rbind", "ro", "rprivate", "nosuid", "noatime", "noexec"])
    }

    @Test func `The mount above a path is the longest and the latest of the list`() {
        let info = """
            20 1 0:1 / / rw shared:1 - ext4 /dev/a rw
            21 20 0:2 / /srv rw master:2 - tmpfs t rw
            22 20 0:3 / /srv\\040x rw shared:5 - tmpfs t rw
            23 20 0:4 / /srv rw - tmpfs t rw
            """
        #expect(
            MountInfo.propagation(of: "/etc", in: info)
                == MountPropagation(mountPoint: "/", isShared: true, isSlave: false))
        #expect(
            MountInfo.propagation(of: "/srv/a", in: info)
                == MountPropagation(mountPoint: "/srv", isShared: false, isSlave: false))
        #expect(MountInfo.propagation(of: "/srv x", in: info).isShared)
        #expect(MountInfo.propagation(of: "/srvother", in: info).mountPoint == "/")
    }
}
