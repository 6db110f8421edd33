import ByteText
import Domain

/// A container's request as flags of `rkt app add`.
enum RktAppArguments {
    /// - Throws: `invalidArgument`, naming the field that rkt cannot do.
    static func arguments(
        _ request: NewContainer, image: RktImageConfig, uuid: EngineUUID, words: RktWords, grants: RktGrants
    ) throws(DomainError) -> [String] {
        try RktLimits.check(request.config, grants)
        let config = request.config
        var arguments = [uuid.description, request.image.id.rawValue, "--name=\(request.id)"]
        try RktLimits.check(image, of: config)
        arguments += try words.environment(config.environment, image: image)
        arguments += try words.workingDirectory(config, image: image)
        arguments += mounts(config)
        arguments += security(config.security)
        if let resources = config.resources { arguments += self.resources(resources) }
        arguments += streams(config)
        // The file below the pod's own directory of streams, see `RktLogs`; with none rkt would refuse the app.
        arguments.append("--annotation=coreos.com/rkt/experiment/kubernetes-log-path=\(request.id)")
        let annotation = try RktAnnotation.encode(ContainerAnnotation(request).text, of: "container \(request.id)")
        arguments.append("--user-annotation=\(ContainerAnnotation.key)=\(annotation)")
        arguments += try words.command(config, image: image)
        return arguments
    }

    private static func mounts(_ config: ContainerConfig) -> [String] {
        config.mounts.enumerated().map { index, mount in
            "--mnt-volume=name=mount-\(index),kind=host,source=\(mount.hostPath),target=\(mount.containerPath),readOnly=\(mount.readonly)"
        }
    }

    private static func security(_ security: ContainerSecurity) -> [String] {
        var arguments: [String] = []
        if let user = security.runAsUser {
            arguments.append("--user=\(user)")
        } else if !security.runAsUsername.isEmpty {
            arguments.append("--user=\(security.runAsUsername)")
        }
        if let group = security.runAsGroup { arguments.append("--group=\(group)") }
        if !security.supplementalGroups.isEmpty {
            arguments.append(
                "--supplementary-gids=" + security.supplementalGroups.map(String.init).joined(separator: ","))
        }
        if let capabilities = RktCapabilities.argument(security.capabilities) { arguments.append(capabilities) }
        switch security.seccomp {
        case .runtimeDefault: arguments.append("--seccomp=mode=retain,@docker/default-whitelist")
        case .unconfined: arguments.append("--seccomp=mode=retain,@appc.io/all")
        case .localhost: break
        }
        if security.readonlyRootfs { arguments.append("--readonly-rootfs=true") }
        return arguments
    }

    private static func resources(_ resources: LinuxResources) -> [String] {
        var arguments: [String] = []
        if resources.cpuQuota > 0 {
            let period = resources.cpuPeriod > 0 ? resources.cpuPeriod : 100_000
            arguments.append("--cpu=\(max(1, resources.cpuQuota.multipliedSaturating(by: 1000) / period))m")
        }
        if resources.cpuShares > 0 { arguments.append("--cpu-shares=\(resources.cpuShares)") }
        if resources.memoryLimit > 0 { arguments.append("--memory=\(resources.memoryLimit)") }
        if resources.oomScoreAdjust != 0 { arguments.append("--oom-score-adj=\(resources.oomScoreAdjust)") }
        return arguments
    }

    /// rkt gives both streams of an app one pipe, and calls it stdout.
    private static func streams(_ config: ContainerConfig) -> [String] {
        ["--stdin=\(config.stdin ? "stream" : "null")", "--stdout=stream", "--stderr=stream"]
    }
}
