import Domain
import JSON

@testable import RktCLI

/// Records of the engine as docs/engine.md has them.
enum GantryShapes {
    static func app(
        _ config: ContainerConfig = Samples.plainContainer, state: String = "created", more: [String: JSON] = [:]
    ) -> JSON {
        let annotation = ContainerAnnotation(Samples.newContainer(config)).text
        var members: [String: JSON] = [
            "name": .string(Samples.containerID.rawValue), "state": .string(state),
            "created_at": 1_700_000_000_000_000_002,
            "image_id": "sha256:abc", "image_name": "sha256:abc", "log_path": "/var/log/x", "stop_signal": "SIGQUIT",
            "cgroup": "/a/b", "user": ["uid": 1000, "gid": 100, "supplemental_groups": [1, 2]],
            "annotations": [ContainerAnnotation.key: .string(annotation)], "user_annotations": [:], "user_labels": [:],
        ]
        members.merge(more) { _, new in new }
        return .object(members)
    }

    static func pod(
        _ config: PodSandboxConfig = Samples.plainPod, state: String = "running", apps: [JSON] = [],
        more: [String: JSON] = [:]
    ) -> JSON {
        let annotation = PodAnnotation(id: Samples.podID, createdAt: Timestamp(nanoseconds: 5), config: config).text
        var members: [String: JSON] = [
            "name": .string(Samples.uuid), "state": .string(state), "unit": "rktlet-pod-1.service", "pid": 77,
            "cgroup": "/p",
            "boot_id": "b", "created_at": 1, "created_at_ns": 1_000_000_000, "networks": [], "ips": ["10.88.0.5"],
            "network": ["mode": "cni", "state": "attached", "error": ""], "netns": "/run/ns/net", "error": "",
            "app_names": [], "apps": .array(apps), "annotations": [PodAnnotation.key: .string(annotation)],
        ]
        members.merge(more) { _, new in new }
        return .object(members)
    }

    static let foreignPod: JSON = [
        "name": "11111111-1111-1111-1111-111111111111", "state": "running", "annotations": [:],
    ]
}

extension FakeEngine {
    /// What every call carries.
    var globals: [String] { ["--dir=\(directory.path)/data", "--run-dir=\(directory.path)/run"] }
}
