import ByteText
import CGantry
import Glibc
import JSON

/// Follows the events of all pods for one reader: a snapshot or what happened since a position, then every event once, those of one pod
/// in order.
///
/// Not shared between threads. It reads files only and takes no lock: it may stand still anywhere, and nobody notices.
package final class EventStream {
    /// Takes complete JSON lines, each with its line feed.
    package typealias Sink = (UnsafeRawBufferPointer) throws(EngineError) -> Void

    /// Readable (poll(2)) when `drain` may have something.
    package var wakeDescriptor: Int32 { watch.descriptor }
    let store: PodStore
    let boot: String
    let watch: EventWatch
    let directory: Descriptor
    let removedDirectory: Descriptor
    /// The pods that the reader knows.
    var pods: [PodUUID: PodCursor] = [:]
    /// The last removal that is known.
    var removed: UInt64 = 0
    /// Removals up to this one, of pods that are not known, were before the snapshot.
    var removedBefore: UInt64 = 0
    var images = ""
    var shared: SharedEvents?
    /// Whether to look at everything, whatever has woken the reader.
    var isBehind = false
    /// Called between the two looks at a pod's events that its state is read between: a test moves the state on here.
    var whileReading: () throws(EngineError) -> Void = { () throws(EngineError) in }

    package init(store: PodStore) throws(EngineError) {
        self.store = store
        boot = try store.bootID()
        watch = try EventWatch(runDir: store.runDir)
        directory = try Descriptor(EventFiles.open(runDir: store.runDir), "open the events")
        removedDirectory = try Descriptor(
            EventFiles.openRemoved(runDir: store.runDir), "open the events of removed pods")
    }

    /// Begins after a position; where that is no longer possible a gap record says so and a snapshot follows.
    package func begin(after position: EventPosition, _ sink: Sink) throws(EngineError) {
        if try !resume(after: position) { try snapshot(afterGap: true, sink) }
    }

    /// Begins with a snapshot.
    package func beginWithSnapshot(_ sink: Sink) throws(EngineError) {
        try snapshot(afterGap: false, sink)
    }

    /// Says that the reader's position is none, and begins with a snapshot.
    package func beginAfterGap(_ sink: Sink) throws(EngineError) {
        try snapshot(afterGap: true, sink)
    }

    /// Hands on everything that was told since, and forgets the wake-ups so far.
    package func drain(_ sink: Sink) throws(EngineError) {
        var woken = watch.take()
        if isBehind { woken.isEverything = true }
        isBehind = false
        if try !drain(woken, sink) { try snapshot(afterGap: true, sink) }
    }

    /// False where something was lost.
    private func drain(_ woken: EventWatch.Woken, _ sink: Sink) throws(EngineError) -> Bool {
        if woken.isRemoved || woken.isEverything, try !drainRemoved(sink) { return false }
        for uuid in try podsToRead(woken) where try !drain(uuid, sink) { return false }
        if woken.isEverything || woken.names.contains(EventFiles.images) {
            let word = try ImageChanges.current(directory.raw)
            if word != images {
                images = word
                try emit(["type": "images", "at": ["images": .string(word)]], sink)
            }
        }
        return try drainShared(sink)
    }

    private func podsToRead(_ woken: EventWatch.Woken) throws(EngineError) -> [PodUUID] {
        guard woken.isEverything else { return woken.names.compactMap { PodUUID($0.text) } }
        let path = EventFiles.directory(runDir: store.runDir)
        let names = try DirectoryEntries.names(AT_FDCWD, path, path: path)
        return Array(Set(names.compactMap(PodUUID.init)).union(pods.filter { $0.value.last > 0 }.keys))
    }

    // MARK: One pod

    private func drain(_ uuid: PodUUID, _ sink: Sink) throws(EngineError) -> Bool {
        var isLate = false
        while true {
            var cursor = pods[uuid] ?? PodCursor()
            let outcome = try cursor.read(
                directory.raw, uuid.string, previous: EventFiles.previous(uuid), boot: boot)
            switch outcome {
            case .lines(let lines):
                guard try drainShared(sink) else { return false }
                pods[uuid] = cursor
                try emit(lines, of: uuid, sink)
                return true
            case .lost: return false
            case .absent, .other:
                // It is among the removed ones now, or was, and has come again. Or there was never anything of it.
                if isLate { return outcome == .absent && (pods[uuid]?.last ?? 0) == 0 }
                guard try drainRemoved(sink) else { return false }
                isLate = true
            }
        }
    }

    /// Every removal in its order, each behind the rest of what was told of the pod.
    private func drainRemoved(_ sink: Sink) throws(EngineError) -> Bool {
        while true {
            let number = removed + 1
            guard let file = try EventFiles.openFile(removedDirectory.raw, "\(number)") else {
                return try RemovedPods.highest(removedDirectory.raw) <= removed
            }
            guard let header = try EventFiles.header(file.raw)?.header, let uuid = header.pod else { return false }
            guard try drainRemoved(number, uuid, header, sink) else { return false }
            removed = number
        }
    }

    private func drainRemoved(
        _ number: UInt64, _ uuid: PodUUID, _ header: EventLine.Header, _ sink: Sink
    ) throws(EngineError) -> Bool {
        let known = pods[uuid]
        if known == nil, number <= removedBefore { return true }
        // Of an earlier life than the one that the snapshot has.
        if let known, known.begin > header.begin { return true }
        var cursor = known ?? PodCursor()
        let outcome = try cursor.read(removedDirectory.raw, "\(number)", previous: nil, boot: boot)
        // Of an earlier life than the one that the position has.
        if outcome == .other, known?.begin == 0 { return true }
        guard case .lines(let lines) = outcome, try drainShared(sink) else { return false }
        try emit(lines, of: uuid, sink)
        pods[uuid] = nil
        try emit(
            [
                "type": "pod-removed", "seq": JSON(cursor.last), "name": .string(uuid.string),
                "at": [uuid.string: .null, "removed": JSON(number)],
            ], sink)
        return true
    }

    private func emit(_ lines: [[UInt8]], of uuid: PodUUID, _ sink: Sink) throws(EngineError) {
        for line in lines {
            let printed = line.withUnsafeBytes { line in
                EventLine.printed(line, at: [uuid.string: JSON(EventLine.sequence(line) ?? 0)])
            }
            try emit(bytes: printed, sink)
        }
    }

    // MARK: Pods of older engines

    private func drainShared(_ sink: Sink) throws(EngineError) -> Bool {
        if shared == nil {
            // An older engine may have been run since.
            switch try SharedEvents.resume(after: nil, directory.raw, boot: boot) {
            case .at(let found): shared = found
            case .none: return true
            case .lost: return false
            }
        }
        guard let shared else { return true }
        return try shared.drain { (line, sequence) throws(EngineError) in
            try emit(
                bytes: EventLine.printed(line, at: ["shared": JSON(sequence)], renaming: "shared"), sink)
        }
    }

    // MARK: Output

    func emit(_ document: JSON, _ sink: Sink) throws(EngineError) {
        var text = document.serialized()
        text.append("\n")
        try emit(bytes: Array(text.utf8), sink)
    }

    private func emit(bytes: [UInt8], _ sink: Sink) throws(EngineError) {
        let failure: EngineError? = bytes.withUnsafeBytes { space in
            do throws(EngineError) {
                try sink(space)
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}
