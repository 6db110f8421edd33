import ByteText
import Domain
import HostFacts

extension PlainRktDialect {
    /// rkt has no events: it is asked when it wrote something below its running pods, when a unit changed, and at intervals; each difference
    /// comes as a snapshot.
    func pumpEvents(into sink: EventSink) async {
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let watch = DirectoriesWatch()
        watch?.watch([files.runningPods])
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [settings] in
                while !Task.isCancelled {
                    tick.yield()
                    try? await Task.sleep(for: settings.pollInterval)
                }
                tick.finish()
            }
            group.addTask { [surroundings] in
                for await _ in surroundings.wakeups() { tick.yield() }
            }
            group.addTask { [logs] in await logs.run() }
            if let watch {
                group.addTask { for await _ in watch.wakeups { tick.yield() } }
            }
            var last: Inventory?
            var watched = [files.runningPods]
            for await _ in ticks {
                guard let found = try? await inventory() else { continue }
                let directories = watchedDirectories()
                if directories != watched {
                    // Looked at once more: what was written before the watch stood is told by nothing else.
                    watched = directories
                    watch?.watch(directories)
                    tick.yield()
                }
                guard found != last else { continue }
                if sink.yield(.snapshot(found.records)) { last = found }
            }
            group.cancelAll()
        }
    }

    private func watchedDirectories() -> [String] {
        [files.runningPods] + uuids.all.flatMap(files.statusDirectories).sortedByBytes()
    }
}
