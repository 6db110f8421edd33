import ByteText

/// Makes a ``NewContainer`` of a config: everything that can be known to be wrong is found here, before anything is written.
struct ContainerValidation: Sendable {
    let context: UseCases.Context
    let pod: PodSandbox
    let config: ContainerConfig

    /// The request with its images resolved and held; ``release(_:)`` must follow.
    func resolve() async throws(DomainError) -> NewContainer {
        let logPath = try logPath()
        try checkSecurity()
        try checkNamespaces()
        try checkPIDTarget()
        try await checkMounts()
        var held: [ImageID] = []
        do throws(DomainError) {
            let checkpoint = config.image.image.begins(with: "/") ? config.image.image : ""
            let image =
                checkpoint.isEmpty
                ? try await holdImage(config.image, hint: "pull it first", &held)
                : try await holdBase(of: checkpoint, &held)
            let mountImages = try await holdImagesOfMounts(&held)
            return NewContainer(
                id: context.ports.ids.newContainerID(), podID: pod.id, config: config, image: image,
                mountImages: mountImages,
                logPath: logPath, createdAt: context.ports.wallClock.now(), checkpoint: checkpoint)
        } catch {
            for id in held { context.imageCache.release(id) }
            throw error
        }
    }

    func release(_ request: NewContainer) {
        for id in [request.image.id] + request.mountImages.values { context.imageCache.release(id) }
    }

    private func holdImage(_ spec: ImageSpec, hint: String, _ held: inout [ImageID]) async throws(DomainError) -> Image
    {
        guard !spec.image.isEmpty else {
            throw DomainError(.invalidArgument, "config.image.image: container \(config.metadata) names no image")
        }
        // One that is being removed just now is as good as gone.
        guard let image = try await context.imageCache.resolve(spec.image), context.imageCache.hold(image.id) else {
            throw DomainError(.notFound, "image \(spec.image) is not on this node; \(hint)")
        }
        held.append(image.id)
        return image
    }

    /// The image that a checkpointed container was made of: by its id where that is known, since its name may mean another one by now.
    private func holdBase(of checkpoint: String, _ held: inout [ImageID]) async throws(DomainError) -> Image {
        let names = try await context.ports.engine.images(ofCheckpoint: checkpoint)
        for name in names {
            guard let image = try await context.imageCache.resolve(name), context.imageCache.hold(image.id) else {
                continue
            }
            held.append(image.id)
            return image
        }
        throw DomainError(
            .notFound,
            "image \(names.joined(separator: " or ")), which checkpoint \(checkpoint) is of, is not on this node; pull it first"
        )
    }

    private func holdImagesOfMounts(_ held: inout [ImageID]) async throws(DomainError) -> [ByteString: ImageID] {
        var images: [ByteString: ImageID] = [:]
        for mount in config.mounts {
            guard let spec = mount.image, images[text: spec.image] == nil else { continue }
            do throws(DomainError) {
                images[text: spec.image] = try await holdImage(
                    spec, hint: "pull it before a container mounts it", &held
                ).id
            } catch {
                // The kubelet knows this prefix.
                throw DomainError(error.code, "ImageVolumeMountFailed: mount \(mount.containerPath): \(error.message)")
            }
        }
        return images
    }

    private func logPath() throws(DomainError) -> String {
        if config.logPath.isEmpty || pod.config.logDirectory.isEmpty { return "" }
        let parts = config.logPath.pieces(at: "/")
        let isFile = !config.logPath.begins(with: "/") && parts.last.map { !$0.isEmpty && $0 != "." } ?? false
        guard isFile, !parts.has(".."), !config.logPath.utf8.contains(0) else {
            throw DomainError(
                .invalidArgument,
                "config.log_path: \"\(config.logPath)\" must name a file below the pod's log directory, relative and without \"..\""
            )
        }
        guard pod.config.logDirectory.begins(with: "/") else {
            throw DomainError(
                .invalidArgument,
                "config.log_directory of pod \(pod.id): \"\(pod.config.logDirectory)\" is not absolute")
        }
        let directory = pod.config.logDirectory
        return (directory.ends(with: "/") ? directory : directory + "/") + config.logPath
    }

    private func checkSecurity() throws(DomainError) {
        if config.security.privileged, !pod.config.privileged {
            throw DomainError(
                .invalidArgument,
                "config.linux.security_context.privileged: pod \(pod.id) was not made for privileged containers; make the pod privileged"
            )
        }
    }

    /// Network, IPC and user namespace are the pod's; only processes can be a container's own.
    private func checkNamespaces() throws(DomainError) {
        let (asked, given) = (config.security.namespaces, pod.config.namespaces)
        let contradiction: String? =
            if asked.network == .node, given.network != .node {
                "network: NODE is asked for, and pod \(pod.id) has a network of its own"
            } else if asked.ipc == .node, given.ipc != .node {
                "ipc: NODE is asked for, and pod \(pod.id) has an IPC namespace of its own"
            } else if asked.pid == .pod, given.pid == .container {
                "pid: POD is asked for, and pod \(pod.id) was made without a PID namespace for all its containers"
            } else if let user = asked.user, user != given.user {
                "userns_options: other than those of pod \(pod.id) are asked for"
            } else {
                nil
            }
        guard let contradiction else { return }
        throw DomainError(
            .invalidArgument, "config.linux.security_context.namespace_options.\(contradiction)")
    }

    private func checkPIDTarget() throws(DomainError) {
        guard case .target(let target) = config.security.namespaces.pid else { return }
        guard let container = context.index.container(target), container.podID == pod.id else {
            throw DomainError(
                .invalidArgument,
                "config.linux.security_context.namespace_options.target_id: container \(target) is not in pod \(pod.id)"
            )
        }
        guard container.state == .running else {
            throw DomainError(
                .failedPrecondition,
                "container \(target), whose PID namespace is asked for, is \(container.state.rawValue), not running")
        }
    }

    private func checkMounts() async throws(DomainError) {
        try await checkMountOptions()
        try await checkRecursiveReadOnly()
    }

    private func checkMountOptions() async throws(DomainError) {
        guard let index = config.mounts.firstIndex(where: { !$0.options.isEmpty }) else { return }
        guard try await context.facts.features().mountOptions else {
            throw DomainError(
                .invalidArgument, "config.mounts[\(index)].mount_options: the engine in use has no options of mounts")
        }
    }

    private func checkRecursiveReadOnly() async throws(DomainError) {
        guard let mount = config.mounts.first(where: \.recursiveReadOnly) else { return }
        guard mount.readonly, mount.propagation == .private else {
            throw DomainError(
                .invalidArgument,
                "config.mounts: \(mount.containerPath): recursive_read_only needs readonly and private propagation")
        }
        if await context.ports.engine.handlers.named(pod.config.runtimeHandler)?.recursiveReadOnlyMounts != true {
            // The kubelet knows this prefix.
            throw DomainError(
                .invalidArgument,
                "RROUnsupported: mount \(mount.containerPath): there are none with the pod's runtime handler \"\(pod.config.runtimeHandler)\" here"
            )
        }
    }
}
