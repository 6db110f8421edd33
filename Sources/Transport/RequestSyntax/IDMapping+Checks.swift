import Domain

extension IDMapping {
    /// At least one mapping; none empty, none past the last id, no id twice.
    package static func checked(_ mappings: [IDMapping], at path: FieldPath) throws(DomainError) -> [IDMapping] {
        guard !mappings.isEmpty else { throw path.invalid("must not be empty") }
        // The kernel takes 340 lines in a uid_map.
        guard mappings.count <= 340 else {
            throw path.invalid("has \(mappings.count) mappings, at most 340 are allowed")
        }
        _ = try path.each(mappings) { (mapping, path) throws(DomainError) in try mapping.check(at: path) }
        try refuseOverlap(mappings, \.containerID, "container_id", at: path)
        try refuseOverlap(mappings, \.hostID, "host_id", at: path)
        return mappings
    }

    /// The mappings of a pod's own user namespace: without an id 0 its files, and whatever has to be made in it, would be nobody's.
    package static func checkedForPod(_ mappings: [IDMapping], at path: FieldPath) throws(DomainError) -> [IDMapping] {
        let mappings = try checked(mappings, at: path)
        guard mappings.contains(where: { $0.containerID == 0 }) else {
            throw path.invalid("maps nothing to id 0 of the container (container_id 0)")
        }
        return mappings
    }

    private func check(at path: FieldPath) throws(DomainError) {
        guard length > 0 else { throw path.field("length").invalid("must not be 0") }
        for (name, first) in [("host_id", hostID), ("container_id", containerID)] {
            guard UInt64(first) + UInt64(length) <= UInt64(UInt32.max) else {
                throw path.field(name).invalid("\(length) ids from \(first) on go past the last one")
            }
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
