import Domain

extension IDMapping {
    /// At least one mapping; none empty, none past the last id, no id twice.
    package static func parse(_ wire: [Runtime_V1_IDMapping], at path: FieldPath) throws(DomainError) -> [IDMapping] {
        guard !wire.isEmpty else { throw path.invalid("must not be empty") }
        // The kernel takes 340 lines in a uid_map.
        guard wire.count <= 340 else { throw path.invalid("has \(wire.count) mappings, at most 340 are allowed") }
        let mappings = try path.each(wire, IDMapping.init(wire:at:))
        try refuseOverlap(mappings, \.containerID, "container_id", at: path)
        try refuseOverlap(mappings, \.hostID, "host_id", at: path)
        return mappings
    }

    package init(wire: Runtime_V1_IDMapping, at path: FieldPath) throws(DomainError) {
        guard wire.length > 0 else { throw path.field("length").invalid("must not be 0") }
        for (name, first) in [("host_id", wire.hostID), ("container_id", wire.containerID)] {
            guard UInt64(first) + UInt64(wire.length) <= UInt64(UInt32.max) else {
                throw path.field(name).invalid("\(wire.length) ids from \(first) on go past the last one")
            }
        }
        self.init(hostID: wire.hostID, containerID: wire.containerID, length: wire.length)
    }

    package var wire: Runtime_V1_IDMapping {
        .with {
            $0.hostID = hostID
            $0.containerID = containerID
            $0.length = length
        }
    }

    private static func refuseOverlap(
        _ mappings: [IDMapping], _ first: KeyPath<IDMapping, UInt32>, _ field: String, at path: FieldPath
    ) throws(DomainError) {
        var end: UInt64 = 0
        for mapping in mappings.sorted(by: { $0[keyPath: first] < $1[keyPath: first] }) {
            guard UInt64(mapping[keyPath: first]) >= end else {
                throw path.invalid("\(field) \(mapping[keyPath: first]) is mapped twice")
            }
            end = UInt64(mapping[keyPath: first]) + UInt64(mapping.length)
        }
    }
}
