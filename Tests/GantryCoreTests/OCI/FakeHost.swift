import JSON

@testable import GantryCore

/// A host made up of what a test says.
struct FakeHost: SpecHost {
    /// Path → what it resolves to.
    var paths: [String: HostPath] = [:]
    /// Path → what is there, links not followed.
    var entries: [String: HostEntry] = [:]
    var nodes: [DeviceNode] = []
    var files: [String: String] = [:]
    var propagation = MountPropagation(mountPoint: "/", isShared: true, isSlave: false)

    var restrictions: [String] = []

    func restrictions(of path: String) throws(EngineError) -> [String] { restrictions }
    func resolve(_ path: String) throws(EngineError) -> HostPath? { paths[path] }
    func entry(_ path: String, in root: String) throws(EngineError) -> HostEntry? { entries["\(root)/\(path)"] }
    func device(_ path: String) throws(EngineError) -> DeviceNode? { nodes.first { $0.path == path } }
    func devices(below directory: String) throws(EngineError) -> [DeviceNode] {
        nodes.filter { $0.path.hasPrefix(directory + "/") }
    }
    func read(_ path: String) throws(EngineError) -> [UInt8]? { files[path].map { Array($0.utf8) } }
    func list(_ directory: String) throws(EngineError) -> [String] {
        files.keys.filter { $0.hasPrefix(directory + "/") }.map { String($0.dropFirst(directory.count + 1)) }.sorted()
    }
    func propagation(of path: String) throws(EngineError) -> MountPropagation { propagation }

    mutating func file(_ path: String) { paths[path] = HostPath(path: path, isDirectory: false) }
    mutating func directory(_ path: String) { paths[path] = HostPath(path: path, isDirectory: true) }
    mutating func device(_ path: String, _ major: Int64, _ minor: Int64) {
        nodes.append(
            DeviceNode(path: path, kind: .character, major: major, minor: minor, mode: 0o660, uid: 0, gid: 6))
        file(path)
    }
}

extension HostFacts {
    /// A host that lacks nothing.
    static let full = HostFacts(
        boundingCapabilities: (1 << 41) - 1, lowestOOMScoreAdj: -1000, hardLimits: [:], cgroupV2: true,
        appArmor: true, seLinux: true, kernelMajor: 6, kernelMinor: 1, architecture: "amd64", hugepageSizes: ["2MB"],
        swapLimits: true)
}

/// A request and its surroundings, to be bent by each test.
struct SpecCase {
    var config = AppConfig()
    var image = ImageConfig()
    var facts = HostFacts.full
    var host = FakeHost()
    var namespaces = SpecNamespaces(network: "/ns/net", ipc: "/ns/ipc", uts: "/ns/uts")
    var files = SpecFiles(
        hosts: "/pod/hosts", hostname: "/pod/hostname", resolvConf: "/pod/resolv.conf", shm: "/pod/shm")
    var imageMounts: [String: String] = [:]
    var users = RootfsUsers(
        passwd:
            "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1001:Web:/home/web:/bin/sh\n1000:x:7:7::/seven:\nbroken\n:x:5:5::/:\n",
        group: "root:x:0:\nweb:x:1001:\naudio:x:29:web,other\nvideo:x:44:web\n")

    init() { image.cmd = ["/bin/sh"] }

    func build() throws(EngineError) -> BuiltSpec {
        guard let app = try? AppName("web"), let pod = PodUUID("0b5e2a52-3c9c-4d2e-8f83-3c1f2b1d9a01") else {
            throw EngineError(.internal, "test")
        }
        let request = SpecRequest(
            config: config, image: image, app: app, pod: pod, rootfs: "rootfs", rootPath: "/run/rootfs",
            cgroupsPath: "/unit/web",
            namespaces: namespaces, files: files, hostname: "web-0", imageMounts: imageMounts)
        return try RuntimeSpec.build(request, users: users, facts: facts, host: host)
    }
}

extension JSON {
    func mount(_ destination: String) -> JSON? {
        self["mounts"]?.arrayValue?.first { $0["destination"]?.stringValue == destination }
    }
    func options(_ destination: String) -> [String] {
        mount(destination)?["options"]?.arrayValue?.compactMap(\.stringValue) ?? []
    }
    func capabilities(_ set: String) -> Set<String> {
        Set(self["process"]?["capabilities"]?[set]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }
    var destinations: [String] { self["mounts"]?.arrayValue?.compactMap { $0["destination"]?.stringValue } ?? [] }
}
