import ByteText
import Glibc
import JSON

/// Has the plugins of this engine's networks take back what belongs to no pod any more (the verb GC of the CNI specification 1.1): leases and
/// rules that a crash has left.
///
/// Never of a network with `disableGC`, nor of one that another runtime has attachments in: those would be taken for stale.
struct NetworkCollection {
    let store: PodStore
    /// Where libcni writes down what it has attached, for every runtime that uses it. This engine does not use it.
    var libraryResults = ["/var/lib/cni/results", "/var/lib/cni/cache/results"]

    /// - Returns: the networks that were collected, or with `dryRun` would be; and the first failure, when everything has been tried.
    func run(dryRun: Bool) throws(EngineError) -> (networks: [String], failure: EngineError?) {
        let used = UsedNetworks(dir: store.dir)
        let networks = used.all()
        guard !networks.isEmpty else { return ([], nil) }
        guard let lock = try NetworkLock.forCollection(runDir: store.runDir) else { return ([], nil) }
        defer { withExtendedLifetime(lock) {} }
        let deadline = Clock.monotonic() + NetworkLock.collection
        let valid = try validAttachments()
        var collected: [String] = []
        var failure: EngineError?
        for network in networks {
            let own = valid.filter { $0.network.isSame(as: network.name) }.map(\.attachment)
            guard let list = try? NetworkConfigList.load(directory: network.confDir, name: network.name) else {
                // It is configured no more.
                if own.isEmpty, !dryRun { used.forget(network.name) }
                continue
            }
            guard list.isCollected, !isOthers(network.name) else { continue }
            collected.append(network.name)
            if dryRun { continue }
            do throws(EngineError) {
                try NetworkPlugins().collect(list, binDirs: network.binDirs, valid: own, until: deadline)
            } catch {
                failure = failure ?? error
            }
        }
        return (collected, failure)
    }

    /// Of all pods, whatever state they are in, but for those that are detached. One that cannot be read may be attached to anything.
    private func validAttachments() throws(EngineError) -> [(network: String, attachment: ValidAttachment)] {
        var valid: [(network: String, attachment: ValidAttachment)] = []
        for uuid in try store.uuids() {
            do throws(EngineError) {
                let pod = try store.open(uuid)
                guard let document = try pod.readNetwork(), try pod.readRecord()?.network.state != .detached else {
                    continue
                }
                let attachment = try NetworkAttachment(json: document)
                valid.append(
                    (
                        attachment.list.name,
                        ValidAttachment(containerID: attachment.containerID, interface: attachment.interface)
                    ))
            } catch  where error.code == .notFound {
                continue
            } catch {
                throw error.prefixed(
                    "pod \(uuid): what it is attached to is not known, so nothing of a network is taken for stale")
            }
        }
        return valid
    }

    // MARK: Other runtimes

    private func isOthers(_ network: String) -> Bool {
        libraryResults.contains { directory in
            Files.entries(directory).contains { isResult("\(directory)/\($0)", named: $0, of: network) }
        } || otherEngines().contains { $0.isSame(as: network) }
    }

    /// `<network>-<container>-<interface>`; names may have dashes, too.
    private func isResult(_ path: String, named file: String, of network: String) -> Bool {
        guard file.begins(with: network + "-") else { return false }
        guard let bytes = try? Files.read(path), let document = try? JSON(parsing: bytes),
            let name = document["networkName"]?.stringValue
        else { return true }
        return name.isSame(as: network)
    }

    /// The networks of living pods of engines with another data directory.
    private func otherEngines() -> [String] {
        var networks: [String] = []
        for process in Files.entries("/proc") where Int(digits: process) != nil && Self.isOfHost(process) {
            guard let name = try? Files.readText("/proc/\(process)/comm", limit: 64), name.trimmed == "gantry-pod",
                let line = try? Files.readText("/proc/\(process)/cmdline")
            else { continue }
            let words = line.pieces(at: "\0")
            guard let dir = Self.value(of: "--dir", words), let uuid = Self.value(of: "--uuid", words),
                !dir.isSame(as: store.dir)
            else { continue }
            let path = "\(dir)/pods/run/\(uuid)/network.json"
            if let document = try? StoreFile.readJSON(AT_FDCWD, path, path: path),
                let network = document["conflist"]?["name"]?.stringValue
            {
                networks.append(network)
            }
        }
        return networks
    }

    /// Whether a process sees the host's mounts, as a supervisor does. A container may call itself what it likes, and would have a file read that is
    /// its own: a FIFO, or one without end.
    private static func isOfHost(_ process: String) -> Bool {
        var (own, its) = (stat(), stat())
        return stat("/proc/self/ns/mnt", &own) == 0 && stat("/proc/\(process)/ns/mnt", &its) == 0
            && own.st_dev == its.st_dev && own.st_ino == its.st_ino
    }

    private static func value(of option: String, _ words: [Substring]) -> Substring? {
        for (index, word) in words.enumerated() {
            if let value = word.without(prefix: option + "=") { return value }
            if word.isSame(as: option), index + 1 < words.count { return words[index + 1] }
        }
        return nil
    }
}
