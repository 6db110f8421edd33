import Domain

extension Container {
    /// The container as lists show it.
    package var wireListItem: Runtime_V1_Container {
        .with {
            $0.id = id.rawValue
            $0.podSandboxID = podID.rawValue
            $0.metadata = config.metadata.wire
            $0.image = config.image.asAskedFor
            $0.imageRef = imageID.rawValue
            $0.imageID = imageID.rawValue
            $0.state = state.wire
            $0.createdAt = createdAt.nanoseconds
            $0.labels = config.labels
            $0.annotations = config.annotations
        }
    }

    /// The container as `ContainerStatus` shows it.
    package var wireStatus: Runtime_V1_ContainerStatus {
        .with {
            $0.id = id.rawValue
            $0.metadata = config.metadata.wire
            $0.state = state.wire
            $0.createdAt = createdAt.nanoseconds
            $0.startedAt = startedAt.nanoseconds
            if let exit {
                $0.finishedAt = exit.finishedAt.nanoseconds
                $0.exitCode = exit.code
                $0.reason = exit.reason
                $0.message = exit.message
            }
            $0.image = config.image.asAskedFor
            $0.imageRef = imageID.rawValue
            $0.imageID = imageID.rawValue
            $0.labels = config.labels
            $0.annotations = config.annotations
            $0.mounts = mounts.map(\.wire)
            $0.logPath = logPath
            if let resources { $0.resources.linux = resources.wire }
            if let user { $0.user.linux = user.wire }
            $0.stopSignal = stopSignal.wire
        }
    }

    /// What a verbose status adds.
    package var diagnostics: [String: String] {
        [
            "info": JSONObject([
                ("sandboxID", .text(podID.rawValue)), ("pid", .number(Int64(pid))), ("state", .text(state.rawValue)),
                ("cgroup", .text(cgroup)), ("imageID", .text(imageID.rawValue)),
                ("privileged", .flag(config.security.privileged)), ("tty", .flag(config.tty)),
            ]).description
        ]
    }
}

extension ContainerState {
    /// A container that is being made or unmade has no state of its own on the wire.
    package var wire: Runtime_V1_ContainerState {
        switch self {
        case .created: .containerCreated
        case .running: .containerRunning
        case .exited: .containerExited
        case .creating, .unknown, .removed: .containerUnknown
        }
    }
}

extension ContainerUser {
    package var wire: Runtime_V1_LinuxContainerUser {
        .with {
            $0.uid = uid
            $0.gid = gid
            $0.supplementalGroups = supplementalGroups
        }
    }
}
