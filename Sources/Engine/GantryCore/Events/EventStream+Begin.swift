import JSON

extension EventStream {
    /// Takes the place that a position says; false where not all that happened since is still there.
    func resume(after position: EventPosition) throws(EngineError) -> Bool {
        guard position.boot == boot, position.removed <= (try RemovedPods.highest(removedDirectory.raw)) else {
            return false
        }
        switch try SharedEvents.resume(after: position.shared, directory.raw, boot: boot) {
        case .at(let place): shared = place
        case .none: shared = nil
        case .lost: return false
        }
        pods = position.pods.mapValues(PodCursor.init(resumingAt:))
        (removed, removedBefore, images) = (position.removed, 0, position.images)
        isBehind = true
        return true
    }

    /// All pods as they are, and then what is told from there on. Of no pod follows what is older than what the snapshot shows of it.
    func snapshot(afterGap: Bool, _ sink: Sink) throws(EngineError) {
        watch.clear()
        isBehind = false
        pods = [:]
        images = try ImageChanges.current(directory.raw)
        removed = try RemovedPods.highest(removedDirectory.raw)
        let records = try takeState()
        removedBefore = try RemovedPods.highest(removedDirectory.raw)
        var position = EventPosition(boot: boot)
        (position.removed, position.images, position.shared) = (removed, images, shared?.last)
        // A number for readers that want one; there is none over all pods.
        let number = JSON(removed)
        if afterGap { try emit(["type": "gap", "boot": .string(boot), "seq": number], sink) }
        try emit(["type": "snapshot", "boot": .string(boot), "seq": number, "at": .object(position.json)], sink)
        for record in records {
            let last = JSON(pods[record.uuid]?.last ?? 0)
            try emit(["type": "pod", "seq": last, "pod": record.json, "at": [record.uuid.string: last]], sink)
        }
        try emit(["type": "snapshot-end", "seq": number], sink)
    }

    private func takeState() throws(EngineError) -> [PodRecord] {
        // Pods of older engines all tell of themselves in one log, which has to stand still while they are looked at; if it does not, what
        // follows may repeat what the snapshot shows.
        for _ in 0..<10 {
            shared = try SharedEvents.end(directory.raw, boot: boot)
            pods = [:]
            let records = try takePods()
            if try SharedEvents.end(directory.raw, boot: boot)?.last == shared?.last { return records }
        }
        return try takePods()
    }

    private func takePods() throws(EngineError) -> [PodRecord] {
        var records: [PodRecord] = []
        for uuid in try store.uuids() {
            if let record = try take(uuid) { records.append(record) }
        }
        return records
    }

    /// What is told comes after the state that it tells of. So if nothing was told while the state was read, nothing that will be told is older
    /// than that. Otherwise it is read again. A pod that changes faster than it can be read, for as long as a hundred tries take,
    /// has its first events told twice.
    private func take(_ uuid: PodUUID) throws(EngineError) -> PodRecord? {
        var first: PodCursor?
        for attempt in 0..<100 {
            let before = try PodCursor.end(directory.raw, uuid) ?? PodCursor()
            if attempt == 0 { first = before }
            let record: PodRecord
            do throws(EngineError) {
                record = try store.record(uuid)
            } catch  where error.code == .notFound {
                return nil
            }
            try whileReading()
            let after = try PodCursor.end(directory.raw, uuid) ?? PodCursor()
            let isStill = after == before
            guard isStill || attempt == 99 else { continue }
            pods[uuid] = isStill ? after : first
            return record
        }
        return nil
    }
}
