import Domain

extension ContainerConfig {
    /// Parses what `CreateContainer` is given.
    ///
    /// - Throws: `invalidArgument`, naming the first field that is wrong.
    package init(
        wire: Runtime_V1_ContainerConfig, at path: FieldPath = FieldPath("config")
    ) throws(DomainError) {
        try path.refuseWindows(wire.hasWindows)
        guard wire.hasMetadata else { throw path.field("metadata").invalid("is missing") }
        guard wire.hasImage else { throw path.field("image").invalid("is missing") }
        self.init(
            metadata: try ContainerMetadata(wire: wire.metadata, at: path.field("metadata")),
            image: try ImageSpec(wire: wire.image, at: path.field("image"))
        )
        try takeProcess(wire, at: path)
        mounts = try path.field("mounts").each(wire.mounts, Mount.init(wire:at:))
        devices = try path.field("devices").each(wire.devices, Device.init(wire:at:))
        cdiDevices = try path.field("CDI_devices").each(wire.cdiDevices, Device.cdiName)
        labels = try path.field("labels").keysWithoutNUL(wire.labels)
        annotations = try path.field("annotations").keysWithoutNUL(wire.annotations)
        logPath = wire.logPath.isEmpty ? "" : try path.field("log_path").relativePath(wire.logPath)
        stopSignal = try Signal.parse(wire.stopSignal, at: path.field("stop_signal"))
        try take(wire.linux, at: path.field("linux"))
    }

    private mutating func takeProcess(_ wire: Runtime_V1_ContainerConfig, at path: FieldPath) throws(DomainError) {
        command = try CommandLine.parse(wire.command, at: path.field("command"))
        args = try CommandLine.parse(wire.args, at: path.field("args"))
        workingDirectory = try path.field("working_dir").absolutePathOrEmpty(wire.workingDir)
        environment = try path.field("envs").each(wire.envs, EnvironmentVariable.init(wire:at:))
        stdin = wire.stdin
        stdinOnce = wire.stdinOnce
        tty = wire.tty
    }

    private mutating func take(_ linux: Runtime_V1_LinuxContainerConfig, at path: FieldPath) throws(DomainError) {
        if linux.hasResources { resources = try LinuxResources(wire: linux.resources, at: path.field("resources")) }
        // Without a security context the runtime's own defaults for masked and read-only paths hold.
        guard linux.hasSecurityContext else { return }
        security = try ContainerSecurity(wire: linux.securityContext, at: path.field("security_context"))
    }
}

extension ContainerMetadata {
    package init(wire: Runtime_V1_ContainerMetadata, at path: FieldPath) throws(DomainError) {
        self.init(name: try path.field("name").name(wire.name), attempt: wire.attempt)
    }

    package var wire: Runtime_V1_ContainerMetadata {
        .with {
            $0.name = name
            $0.attempt = attempt
        }
    }
}
