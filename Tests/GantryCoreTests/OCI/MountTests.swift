import JSON
import Testing

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

    @Test(arguments: ["/etc/hosts", "/dev/shm", "/etc/resolv.conf", "/proc", "/sys/fs/cgroup", "/dev//shm/."])
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
        #expect(try build().options("/model").contains("ro"))
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

    @Test func `Devices are found by path, through directories, with their permissions`() throws {
        var devices = SpecCase()
        devices.host.device("/dev/snd/pcm", 116, 1)
        devices.host.device("/dev/snd/by/id", 116, 2)
        devices.host.directory("/dev/snd")
        devices.host.device("/dev/fuse", 10, 229)
        devices.config.devices = [
            .init(containerPath: "/dev/sound", hostPath: "/dev/snd", permissions: "r"),
            .init(containerPath: "", hostPath: "/dev/fuse", permissions: "rw"),
        ]
        let linux = try devices.build().json["linux"]
        #expect(
            linux?["devices"]?.arrayValue?.map { $0["path"] } == ["/dev/sound/pcm", "/dev/sound/by/id", "/dev/fuse"])
        #expect(
            linux?["resources"]?["devices"]?.arrayValue?.last
                == ["allow": true, "type": "c", "major": 10, "minor": 229, "access": "rw"])
        devices.config.devices = [.init(containerPath: "", hostPath: "/dev/none", permissions: "rwm")]
        #expect(try #require(throws: EngineError.self) { try devices.build() }.message.contains("devices[0]"))
        devices.host.file("/dev/plain")
        devices.config.devices = [.init(containerPath: "", hostPath: "/dev/plain", permissions: "rwm")]
        #expect(try #require(throws: EngineError.self) { try devices.build() }.message.contains("not a device"))
    }

    @Test func `CDI devices bring their edits, and the file's own once`() throws {
        var cdi = SpecCase()
        cdi.host.device("/dev/gpu0", 195, 0)
        cdi.host.device("/dev/gpu1", 195, 1)
        cdi.host.files["/etc/cdi/old.json"] =
            #"{"kind":"v.com/gpu","devices":[{"name":"0","containerEdits":{"env":["OLD=1"]}}]}"#
        cdi.host.files["/var/run/cdi/v.json"] = """
            {"cdiVersion":"0.6.0","kind":"v.com/gpu","containerEdits":{"env":["COMMON=1"],"hooks":[
              {"hookName":"createContainer","path":"/bin/hook","args":["hook"]}]},
             "devices":[{"name":"0","containerEdits":{"deviceNodes":[{"path":"/dev/gpu0","permissions":"rw"}]}},
                        {"name":"1","containerEdits":{"deviceNodes":[{"path":"/dev/g","hostPath":"/dev/gpu1"}],
                          "mounts":[{"hostPath":"/lib/x","containerPath":"/lib/x"}],"additionalGids":[44]}}]}
            """
        cdi.config.cdiDevices = ["v.com/gpu=0", "v.com/gpu=1"]
        let built = try cdi.build()
        #expect(built.environment.filter { $0.name == "COMMON" }.count == 1)
        #expect(!built.environment.contains { $0.name == "OLD" })
        #expect(built.json["linux"]?["devices"]?.arrayValue?.map { $0["path"] } == ["/dev/gpu0", "/dev/g"])
        #expect(built.json.mount("/lib/x") != nil)
        #expect(built.json["hooks"] == ["createContainer": [["path": "/bin/hook", "args": ["hook"]]]])
        #expect(built.user.supplementalGroups == [0, 44])
        cdi.config.cdiDevices = ["v.com/gpu=2"]
        cdi.host.files["/etc/cdi/nvidia.yaml"] = "kind: v.com/gpu"
        let error = try #require(throws: EngineError.self) { try cdi.build() }
        #expect(error.message.contains("v.com/gpu=2") && error.message.contains("/etc/cdi/nvidia.yaml"))
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
