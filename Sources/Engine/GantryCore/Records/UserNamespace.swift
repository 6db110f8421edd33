import JSON

/// One run of ids of a user namespace.
package struct IDMapping: Equatable, Sendable {
    package var hostID: Int64
    package var containerID: Int64
    package var length: Int64

    package init(hostID: Int64, containerID: Int64, length: Int64) {
        self.hostID = hostID
        self.containerID = containerID
        self.length = length
    }

    package var json: JSON {
        .object(["hostID": .integer(hostID), "containerID": .integer(containerID), "length": .integer(length)])
    }

    init(_ reader: inout ObjectReader) throws(EngineError) {
        let ids: ClosedRange<Int64> = 0...0xffff_fffe
        hostID = try reader.integer("hostID", in: ids)
        containerID = try reader.integer("containerID", in: ids)
        length = try reader.integer("length", in: 1...0xffff_ffff)
        guard hostID + length <= 0xffff_ffff, containerID + length <= 0xffff_ffff else {
            throw reader.invalid("length", "the mapping ends beyond the last id")
        }
        try reader.finish()
    }
}

/// The mappings of a pod's user namespace.
package struct UserNamespace: Equatable, Sendable {
    package var uids: [IDMapping]
    package var gids: [IDMapping]

    package init(uids: [IDMapping], gids: [IDMapping]) {
        self.uids = uids
        self.gids = gids
    }

    /// Who the namespace's root is on the host.
    package var root: (uid: UInt32, gid: UInt32) {
        // Ids are checked when they are read: the fallback is nobody's.
        (Self.root(of: uids) ?? UInt32.max, Self.root(of: gids) ?? UInt32.max)
    }

    private static func root(of mappings: [IDMapping]) -> UInt32? {
        mappings.first { $0.containerID == 0 }.flatMap { UInt32(exactly: $0.hostID) }
    }

    package var json: JSON {
        .object(["uids": .array(uids.map(\.json)), "gids": .array(gids.map(\.json))])
    }

    init(_ reader: inout ObjectReader) throws(EngineError) {
        uids = try reader.objects("uids") { (mapping) throws(EngineError) in try IDMapping(&mapping) }
        gids = try reader.objects("gids") { (mapping) throws(EngineError) in try IDMapping(&mapping) }
        guard !uids.isEmpty else { throw reader.invalid("uids", "a user namespace needs at least one mapping") }
        guard !gids.isEmpty else { throw reader.invalid("gids", "a user namespace needs at least one mapping") }
        guard uids.contains(where: { $0.containerID == 0 }) else {
            throw reader.invalid("uids", "containerID 0 must be mapped: the pod's files belong to it")
        }
        guard gids.contains(where: { $0.containerID == 0 }) else {
            throw reader.invalid("gids", "containerID 0 must be mapped: the pod's files belong to it")
        }
        try reader.finish()
    }
}
