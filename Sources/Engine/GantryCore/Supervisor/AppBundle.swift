import ByteText
import CGantry
import Glibc
import JSON

/// Makes what crun needs of an app: the mounted root file system and the runtime configuration.
struct AppBundle {
    let pod: PodDirectory
    let podConfig: PodConfig
    let podPaths: PodPaths
    let namespaces: PodNamespaces.Paths
    let manifest: AppManifest
    let app: App
    /// The PID namespace that the app gets.
    let pid: SpecNamespaces.PID

    func make(facts: HostFacts, profiles: SeccompCache) throws(EngineError) -> BuiltSpec {
        try Files.makeDirectory(app.paths.root, mode: PrivateDirectories.mode)
        try makeBundle()
        try mountRootfs()
        let images = try mountImages()
        let rootfs = try Descriptor(
            open(app.paths.rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(app.paths.rootfs)")
        let spec = try RuntimeSpec.build(
            try request(images), users: RootfsUsers.read(rootfs: rootfs.raw), facts: facts, host: LocalHost(),
            profiles: profiles)
        for directory in spec.directories { try RootfsDirectories.make(directory, in: rootfs.raw, owner: owner) }
        try Files.write(app.paths.spec, spec.json.serialized(), creating: 0o600)
        try Files.write(app.paths.process, (spec.json["process"] ?? .null).serialized(), creating: 0o600)
        return spec
    }

    /// Why crun could not make the container, where that is the command's fault: a failure of the start, then. Of crun's failures one cannot
    /// be told from another. What something is mounted over is not looked into.
    static func commandFailure(_ spec: BuiltSpec, rootfs path: String) -> EngineError? {
        guard let rootfs = try? Descriptor(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "") else { return nil }
        let mounts = (spec.json["mounts"]?.arrayValue ?? []).compactMap { $0["destination"]?.stringValue }
        return ExecutableLookup(rootfs: rootfs.raw, mounts: mounts).failure(
            spec.argv.first ?? "", path: spec.environment.last { $0.name == "PATH" }?.value,
            directory: spec.workingDirectory)
    }

    /// Of what is made in the writable layer: root, as the pod sees it.
    private var owner: RootfsDirectories.Owner? {
        guard let user = podConfig.namespaces.user else { return nil }
        return RootfsDirectories.Owner(uid: user.root.uid, gid: user.root.gid)
    }

    // crun stands in it when it becomes root of the pod's user namespace and then looks for the root file system: that root, and no other user,
    // may look things up in here. What leads here is closed to it.
    private func makeBundle() throws(EngineError) {
        try Files.makeDirectory(app.paths.bundle, mode: PrivateDirectories.mode)
        guard let owner else { return }
        guard chown(app.paths.bundle, uid_t.max, owner.gid) == 0, chmod(app.paths.bundle, 0o710) == 0 else {
            throw .posix("let the pod's root into \(app.paths.bundle)", errno)
        }
    }

    private func mountRootfs() throws(EngineError) {
        let writable = pod.appPath(app.name)
        try Files.makeDirectory(writable + "/upper", mode: 0o755)
        try Files.makeDirectory(writable + "/work", mode: 0o700)
        try Files.makeDirectory(app.paths.rootfs, mode: PrivateDirectories.mode)
        try mount(manifest.image.layers, upper: writable + "/upper", work: writable + "/work", at: app.paths.rootfs)
    }

    private func mountImages() throws(EngineError) -> [String: String] {
        var places: [String: String] = [:]
        for (index, image) in manifest.imageMounts.sorted(by: { $0.key.precedes($1.key) }).enumerated() {
            let target = app.paths.image(index)
            try Files.makeDirectory(target, mode: PrivateDirectories.mode)
            app.mountedImages.append(index)
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
        try IDMappedLayers(namespace: path, directory: app.paths.root + "/layers").mount(layers) {
            (mapped) throws(EngineError) in
            try OverlayMount(layers: mapped, upper: upper, work: work, target: target).mount()
        }
    }

    private func request(_ images: [String: String]) throws(EngineError) -> SpecRequest {
        let usesHostIPC = podConfig.namespaces.ipc == .host
        return SpecRequest(
            config: manifest.config, image: try ImageConfig(json: manifest.image.config), app: app.name, pod: pod.uuid,
            rootfs: AppPaths.rootfsName, cgroupsPath: app.cgroup.path,
            namespaces: SpecNamespaces(
                network: namespaces.network, ipc: namespaces.ipc, uts: namespaces.uts, user: namespaces.user,
                userMappings: podConfig.namespaces.user, pid: pid),
            files: SpecFiles(
                hosts: pod.path + "/hosts", hostname: pod.path + "/hostname", resolvConf: pod.path + "/resolv.conf",
                shm: usesHostIPC ? "/dev/shm" : podPaths.sharedMemory),
            hostname: PodFiles.hostname(podConfig), imageMounts: images)
    }
}
