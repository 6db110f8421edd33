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

    struct Made {
        var spec: BuiltSpec
        /// Why the command cannot be executed, where that can be seen from here.
        var startError: EngineError?
    }

    func make(facts: HostFacts) throws(EngineError) -> Made {
        try Files.makeDirectory(app.paths.root, mode: traversable)
        try Files.makeDirectory(app.paths.bundle, mode: traversable)
        try mountRootfs()
        let images = try mountImages()
        let rootfs = try Descriptor(
            open(app.paths.rootfs, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open \(app.paths.rootfs)")
        let spec = try RuntimeSpec.build(
            try request(images), users: RootfsUsers.read(rootfs: rootfs.raw), facts: facts, host: LocalHost())
        for directory in spec.directories { try RootfsDirectories.make(directory, in: rootfs.raw) }
        try Files.write(app.paths.spec, spec.json.serialized(), creating: 0o600)
        let lookup = ExecutableLookup(rootfs: rootfs.raw, mounts: manifest.config.mounts.map(\.containerPath))
        return Made(
            spec: spec,
            startError: lookup.failure(
                spec.argv.first ?? "", path: spec.environment.last { $0.name == "PATH" }?.value, directory: spec.workingDirectory))
    }

    // A user namespace's root goes through these directories as anybody else.
    private var traversable: mode_t { podConfig.namespaces.user == nil ? 0o700 : 0o711 }

    private func mountRootfs() throws(EngineError) {
        let writable = pod.appPath(app.name)
        try Files.makeDirectory(writable + "/upper", mode: 0o755)
        try Files.makeDirectory(writable + "/work", mode: 0o700)
        try Files.makeDirectory(app.paths.rootfs, mode: traversable)
        try mount(manifest.image.layers, upper: writable + "/upper", work: writable + "/work", at: app.paths.rootfs)
    }

    private func mountImages() throws(EngineError) -> [String: String] {
        var places: [String: String] = [:]
        for (index, image) in manifest.imageMounts.sorted(by: { $0.key < $1.key }).enumerated() {
            let target = app.paths.image(index)
            try Files.makeDirectory(target, mode: traversable)
            app.mountedImages.append(index)
            try mount(image.value.layers, upper: nil, work: nil, at: target)
            places[image.key] = target
        }
        return places
    }

    private func mount(_ layers: [String], upper: String?, work: String?, at target: String) throws(EngineError) {
        guard let user = podConfig.namespaces.user, let path = namespaces.user else {
            return try OverlayMount(layers: layers, upper: upper, work: work, target: target).mount()
        }
        if let upper {
            let owner = uid_t(clamping: user.uids.first { $0.containerID == 0 }?.hostID ?? 0)
            let group = gid_t(clamping: user.gids.first { $0.containerID == 0 }?.hostID ?? 0)
            guard chown(upper, owner, group) == 0 else { throw .posix("give \(upper) to the pod's root", errno) }
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
            rootfs: app.paths.rootfs, cgroupsPath: app.cgroup.path,
            namespaces: SpecNamespaces(
                network: namespaces.network, ipc: namespaces.ipc, uts: namespaces.uts, user: namespaces.user,
                userMappings: podConfig.namespaces.user, pid: pid),
            files: SpecFiles(
                hosts: pod.path + "/hosts", hostname: pod.path + "/hostname", resolvConf: pod.path + "/resolv.conf",
                shm: usesHostIPC ? "/dev/shm" : podPaths.sharedMemory),
            hostname: PodFiles.hostname(podConfig), imageMounts: images)
    }
}
