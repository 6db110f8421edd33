import Domain

extension IDMapping {
    /// At least one mapping; none empty, none past the last id, no id twice.
    package static func parse(_ wire: [Runtime_V1_IDMapping], at path: FieldPath) throws(DomainError) -> [IDMapping] {
        try checked(values(wire), at: path)
    }

    /// Those of a pod's own user namespace.
    package static func parseForPod(
        _ wire: [Runtime_V1_IDMapping], at path: FieldPath
    ) throws(DomainError) -> [IDMapping] {
        try checkedForPod(values(wire), at: path)
    }

    private static func values(_ wire: [Runtime_V1_IDMapping]) -> [IDMapping] {
        wire.map { IDMapping(hostID: $0.hostID, containerID: $0.containerID, length: $0.length) }
    }

    package var wire: Runtime_V1_IDMapping {
        .with {
            $0.hostID = hostID
            $0.containerID = containerID
            $0.length = length
        }
    }
}
