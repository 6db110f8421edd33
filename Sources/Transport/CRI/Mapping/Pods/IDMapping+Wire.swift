import Domain

extension IDMapping {
    /// At least one mapping; none empty, none past the last id, no id twice.
    package static func parse(_ wire: [Runtime_V1_IDMapping], at path: FieldPath) throws(DomainError) -> [IDMapping] {
        try checked(
            wire.map { IDMapping(hostID: $0.hostID, containerID: $0.containerID, length: $0.length) }, at: path)
    }

    package var wire: Runtime_V1_IDMapping {
        .with {
            $0.hostID = hostID
            $0.containerID = containerID
            $0.length = length
        }
    }
}
