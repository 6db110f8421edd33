import ByteText
import CGantry
import Glibc
import JSON

/// Makes what crun needs of an app: the mounted root file system and the runtime configuration.
struct AppBundle: Sendable {
    let pod: PodDirectory
    let podConfig: PodConfig
    let podPaths: PodPaths
    let namespaces: PodNamespaces.Paths
    let manifest: AppManifest
    let paths: AppPaths
    let cgroupPath: String
    /// The PID namespace that the app gets.
    let pid: SpecNamespaces.PID

    func make(facts: HostFacts, profiles: SeccompCache) throws(EngineError) -> BuiltSpec {
        try Files.makeDirectory(paths.root, mode: PrivateDirectories.mode)
        try makeBundle()
        try mountRootfs()
        let images = try mountImages()
        let rootfs = try Descriptor(
            open(paths.rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(paths.rootfs)")
        let spec = try RuntimeSpec.build(
            try request(images), users: RootfsUsers.read(rootfs: rootfs.raw), facts: facts, host: LocalHost(),
            profiles: profiles)
        for directory in spec.directories { try RootfsDirectories.make(directory, in: rootfs.raw, owner: owner) }
        try Files.write(paths.spec, spec.json.serialized(), creating: 0o600)
        try Files.write(paths.process, (spec.json["process"] ?? .null).serialized(), creating: 0o600)
        return spec
    }

    /// Of what is made in the writable layer: root, as the pod sees it.
    private var owner: RootfsDirectories.Owner? {
        guard let user = podConfig.namespaces.user else { return nil }
        return RootfsDirectories.Owner(uid: user.root.uid, gid: user.root.gid)
    }

    // crun stands in it when it becomes root of the pod's user namespace and then looks for the root file system: that root, and no other user,
    // may look things up in here. What leads here is closed to it.
    private func makeBundle() throws(EngineError) {
        try Files.makeDirectory(paths.bundle, mode: PrivateDirectories.mode)
        guard let owner else { return }
        guard chown(paths.bundle, uid_t.max, owner.gid) == 0, chmod(paths.bundle, 0o710) == 0 else {
            throw .posix("let the pod's root into \(paths.bundle)", errno)
        }
    }

    private func mountRootfs() throws(EngineError) {
        let writable = pod.appPath(manifest.name)
        try Files.makeDirectory(writable + "/upper", mode: 0o755)
        try Files.makeDirectory(writable + "/work", mode: 0o700)
        try Files.makeDirectory(paths.rootfs, mode: PrivateDirectories.mode)
        try mount(manifest.image.layers, upper: writable + "/upper", work: writable + "/work", at: paths.rootfs)
    }

    private func mountImages() throws(EngineError) -> [String: String] {
        var places: [String: String] = [:]
        for (index, image) in manifest.imageMounts.sorted(by: { $0.key.precedes($1.key) }).enumerated() {
            let target = paths.image(index)
            try Files.makeDirectory(target, mode: PrivateDirectories.mode)
            do throws(EngineError) {
                try mount(image.value.layers, upper: nil, work: nil, at: target)
            } catch {
                throw EngineError(.imageVolume, "image \(image.key): \(error.message)")
            }
            places[image.key] = target
        }
        return places
    }

    private func mount(_ layers: [String], upper: String?, work: String?, at target: String) throws(EngineError) {
        guard podConfig.namespaces.user != nil, let path = namespaces.user else {
            return try OverlayMount(layers: layers, upper: upper, work: work, target: target).mount()
        }
        if let upper, let owner {
            guard chown(upper, owner.uid, owner.gid) == 0 else {
                throw .posix("give \(upper) to the pod's root", errno)
            }
        }
        try IDMappedLayers(namespace: path, directory: paths.root + "/layers").mount(layers) {
            (mapped) throws(EngineError) in
            try OverlayMount(layers: mapped, upper: upper, work: work, target: target).mount()
        }
    }

    private func request(_ images: [String: String]) throws(EngineError) -> SpecRequest {
        let usesHostIPC = podConfig.namespaces.ipc == .host
        return SpecRequest(
            config: manifest.config, image: try ImageConfig(json: manifest.image.config), app: manifest.name,
            pod: pod.uuid,
            rootfs: AppPaths.rootfsName, rootPath: paths.rootfs, cgroupsPath: cgroupPath,
            namespaces: SpecNamespaces(
                network: namespaces.network, ipc: namespaces.ipc, uts: namespaces.uts, user: namespaces.user,
                userMappings: podConfig.namespaces.user, pid: pid),
            files: SpecFiles(
                hosts: pod.path + "/hosts", hostname: pod.path + "/hostname", resolvConf: pod.path + "/resolv.conf",
                shm: usesHostIPC ? "/dev/shm" : podPaths.sharedMemory),
            hostname: PodFiles.hostname(podConfig), imageMounts: images)
    }
}
