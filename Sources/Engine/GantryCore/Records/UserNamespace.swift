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

    package var json: JSON {
        .object(["uids": .array(uids.map(\.json)), "gids": .array(gids.map(\.json))])
    }

    init(_ reader: inout ObjectReader) throws(EngineError) {
        uids = try reader.objects("uids") { (mapping) throws(EngineError) in try IDMapping(&mapping) }
        gids = try reader.objects("gids") { (mapping) throws(EngineError) in try IDMapping(&mapping) }
        guard !uids.isEmpty else { throw reader.invalid("uids", "a user namespace needs at least one mapping") }
        guard !gids.isEmpty else { throw reader.invalid("gids", "a user namespace needs at least one mapping") }
        try reader.finish()
    }
}
