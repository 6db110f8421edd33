import JSON

extension PodRecord {
    /// As commands and events print it.
    package var json: JSON {
        var document = common
        document["created_at"] = .integer(createdAt / 1_000_000_000)
        if let startedAt { document["started_at"] = .integer(startedAt / 1_000_000_000) }
        document["ips"] = .strings(ips)
        document["app_names"] = .strings(apps.map(\.name.string))
        document["apps"] = .array(apps.map(\.json))
        if isHalfMade { document["half_made"] = true }
        return .object(document)
    }

    /// As `state.json` holds it.
    var storedJSON: JSON {
        var document = common
        document["cgroup_paths"] = .object(cgroupPaths.mapValues { .strings($0) })
        return .object(document)
    }

    private var common: [String: JSON] {
        var attachment: [String: JSON] = [
            "mode": .string(network.mode.rawValue), "error": .string(network.error),
        ]
        if let state = network.state { attachment["state"] = .string(state.rawValue) }
        var document: [String: JSON] = [
            "name": .string(uuid.string), "state": .string(state.rawValue), "unit": .string(unit),
            "cgroup": .string(cgroup), "boot_id": .string(bootID), "created_at_ns": .integer(createdAt),
            "networks": .array(networks.map(\.json)), "network": .object(attachment), "netns": .string(netns),
            "error": .string(error), "annotations": .stringMap(annotations),
            "user_annotations": .stringMap(userAnnotations), "user_labels": .stringMap(userLabels),
        ]
        if !errorCode.isEmpty { document["error_code"] = .string(errorCode) }
        if let pid { document["pid"] = .integer(Int64(pid)) }
        if let startedAt { document["started_at_ns"] = .integer(startedAt) }
        if let finishedAt { document["finished_at_ns"] = .integer(finishedAt) }
        return document
    }

    /// Reads `state.json`, which is named in errors.
    init(stored document: JSON, path: String) throws(EngineError) {
        do throws(EngineError) {
            self = try PodRecord(json: document)
        } catch {
            throw EngineError(.internal, "\(path): \(error.message)")
        }
    }

    /// Reads a record, stored or printed; keys that this engine does not know are passed over.
    package init(json: JSON) throws(EngineError) {
        var reader = try ObjectReader(json, path: "pod record")
        let name = try reader.string("name")
        guard let uuid = PodUUID(name) else { throw reader.invalid("name", "\"\(name)\" is not a UUID") }
        self.init(
            stored: uuid, state: try reader.choice("state", default: .preparing),
            createdAt: try reader.integer("created_at_ns"))
        unit = try reader.string("unit")
        if let number = try reader.optionalInteger("pid", in: 1...Int64(Int32.max)) { pid = Int32(number) }
        cgroup = try reader.string("cgroup")
        bootID = try reader.string("boot_id")
        startedAt = try reader.optionalInteger("started_at_ns")
        finishedAt = try reader.optionalInteger("finished_at_ns")
        networks = try reader.objects("networks") { (nested) throws(EngineError) in try Network(&nested) }
        network =
            try reader.object("network") { (nested) throws(EngineError) in try NetworkStatus(&nested) }
            ?? NetworkStatus()
        netns = try reader.string("netns")
        error = try reader.string("error")
        errorCode = try reader.string("error_code")
        annotations = try reader.stringMap("annotations")
        userAnnotations = try reader.stringMap("user_annotations")
        userLabels = try reader.stringMap("user_labels")
        for app in try reader.items("apps") { apps.append(try AppRecord(json: app)) }
        for (hierarchy, paths) in try reader.members("cgroup_paths") {
            guard let list = paths.arrayValue, list.allSatisfy({ $0.stringValue != nil }) else {
                throw reader.invalid("cgroup_paths.\(hierarchy)", "must be a list of strings")
            }
            cgroupPaths[hierarchy] = list.compactMap(\.stringValue)
        }
    }
}

extension PodRecord.Network {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        netName = try reader.string("netName")
        ifName = try reader.string("ifName")
        ips = try reader.strings("ips")
        mask = try reader.string("mask")
    }

    var json: JSON {
        var document: [String: JSON] = [
            "netName": .string(netName), "ifName": .string(ifName), "ips": .strings(ips), "mask": .string(mask),
        ]
        if let first = ips.first { document["ip"] = .string(first) }
        return .object(document)
    }
}

extension PodRecord.NetworkStatus {
    init(_ reader: inout ObjectReader) throws(EngineError) {
        mode = try reader.choice("mode", default: .none)
        let text = try reader.string("state")
        state = PodRecord.Attachment(rawValue: text)
        error = try reader.string("error")
    }
}
