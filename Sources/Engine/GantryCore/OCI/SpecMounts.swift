import ByteText
import JSON

/// Makes the `mounts` of the OCI document: the usual ones, the pod's files, and what the app asks for.
struct SpecMounts {
    var request: SpecRequest
    var facts: HostFacts
    var host: any SpecHost

    struct Mount {
        var destination: String
        var type: String
        var source: String
        var options: [String]
        var extra: [String: JSON] = [:]

        var json: JSON {
            var document = extra
            document["destination"] = .string(destination)
            document["type"] = .string(type)
            document["source"] = .string(source)
            document["options"] = .strings(options)
            return .object(document)
        }
    }

    struct Result {
        var mounts: [Mount]
        /// Nil: the runtime's default, private.
        var rootPropagation: String?
        /// Whether the app brings its own /dev.
        var ownsDev: Bool
    }

    /// - Parameter interfaces: mounts that device interfaces bring.
    func build(with interfaces: [Mount] = []) throws(EngineError) -> Result {
        var asked: [MountPlan.Entry] = []
        var rootPropagation: String?
        for (index, mount) in request.config.mounts.enumerated() {
            let label = "mounts[\(index)] (\(mount.containerPath))"
            do {
                asked.append(try make(mount, label))
            } catch {
                let error = error.prefixed(label)
                throw mount.image.isEmpty ? error : EngineError(.imageVolume, error.message)
            }
            switch mount.propagation {
            case .private: break
            case .hostToContainer: rootPropagation = rootPropagation ?? "rslave"
            case .bidirectional: rootPropagation = "rshared"
            }
        }
        let taken = Set(asked.map { ByteString($0.mount.destination) })
        let ownsDev = taken.contains(ByteString("/dev"))
        var entries = usual.map { MountPlan.Entry(mount: $0, content: .made, label: $0.destination, isFixed: true) }
        entries += podFiles.map { mount in
            let content: MountPlan.Content = mount.destination == "/dev/shm" ? .directory(mount.source) : .file
            return MountPlan.Entry(mount: mount, content: content, label: mount.destination, isUsual: true)
        }
        entries.removeAll { entry in
            let destination = entry.mount.destination
            return taken.contains(ByteString(destination))
                || entry.isFixed && ownsDev && destination.begins(with: "/dev/")
        }
        entries += asked
        for mount in interfaces {
            let source = mount.type == "bind" ? try host.resolve(mount.source) : nil
            let content: MountPlan.Content = source.map { $0.isDirectory ? .directory($0.path) : .file } ?? .made
            entries.append(MountPlan.Entry(mount: mount, content: content, label: "CDI mount \(mount.destination)"))
        }
        let mounts = try MountPlan(entries: entries, host: host, root: request.rootPath).ordered()
        return Result(mounts: mounts, rootPropagation: rootPropagation, ownsDev: ownsDev)
    }

    private var privileged: Bool { request.config.privileged }

    private var usual: [Mount] {
        let strict = ["nosuid", "noexec", "nodev"]
        var mounts = [
            Mount(destination: "/proc", type: "proc", source: "proc", options: strict),
            Mount(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            Mount(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            Mount(destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: strict),
        ]
        let access = privileged ? "rw" : "ro"
        if request.namespaces.user != nil, request.namespaces.network == nil {
            // sysfs belongs to the network namespace's user namespace: the host's can be shown, not mounted.
            // With everything that is mounted in it, which would be writable otherwise.
            let all = privileged ? [access] : [access, "rro"]
            mounts.append(
                Mount(destination: "/sys", type: "bind", source: "/sys", options: strict + ["rbind"] + all))
        } else {
            mounts.append(Mount(destination: "/sys", type: "sysfs", source: "sysfs", options: strict + [access]))
        }
        mounts.append(
            Mount(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
                options: strict + ["relatime", access] + (needsAllReadOnly ? ["rro"] : [])))
        return mounts
    }

    /// On v1 crun mounts a tmpfs for the hierarchies to be mounted in, and leaves that writable unless told otherwise for all of it (Linux 5.12). What the
    /// app wants to have mounted in there needs a place, which is made afterwards.
    private var needsAllReadOnly: Bool {
        !privileged && !facts.cgroupV2 && (facts.kernelMajor, facts.kernelMinor) >= (5, 12)
            && !request.config.mounts.contains {
                LexicalPath.clean($0.containerPath).begins(with: "/sys/fs/cgroup/")
            }
    }

    private var podFiles: [Mount] {
        let access = request.config.readonlyRootfs ? "ro" : "rw"
        var mounts: [Mount] = []
        if let shm = request.files.shm {
            mounts.append(
                Mount(
                    destination: "/dev/shm", type: "bind", source: shm,
                    options: ["rbind", "rw", "nosuid", "noexec", "nodev"]))
        }
        let files = [
            ("/etc/hosts", request.files.hosts), ("/etc/hostname", request.files.hostname),
            ("/etc/resolv.conf", request.files.resolvConf),
        ]
        for case (let destination, let source?) in files {
            mounts.append(
                Mount(
                    destination: destination, type: "bind", source: source,
                    options: ["rbind", access, "rprivate", "nosuid", "noexec", "nodev"]))
        }
        return mounts
    }

    private func make(_ mount: AppMount, _ label: String) throws(EngineError) -> MountPlan.Entry {
        let destination = LexicalPath.clean(mount.containerPath)
        if mount.empty {
            let made = Mount(
                destination: destination, type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "nodev", "mode=0755", mount.readonly ? "ro" : "rw"] + mount.options)
            return MountPlan.Entry(mount: made, content: .made, label: label)
        }
        // Without a label of the app's own there is nothing that a mount would have to be relabelled to.
        if mount.selinuxRelabel, facts.seLinux, !request.config.selinux.isEmpty {
            throw EngineError(
                .unsupported, "selinuxRelabel: labels on the host are not changed; label \(mount.hostPath) there")
        }
        let source = try source(mount)
        let isReadOnly = mount.readonly || !mount.image.isEmpty
        var options = ["rbind", isReadOnly ? "ro" : "rw", try propagation(mount, source.path)]
        // Nothing of an image that is only looked at is to be executed or to give anybody rights (KEP 4639).
        let asked = mount.image.isEmpty ? mount.options : ["nosuid", "nodev", "noexec"] + mount.options
        if !asked.isEmpty { options = try restricted(options, asked, on: source.path) }
        // Nothing is mounted below a file, a socket or a FIFO, and crun wants a directory for it.
        if mount.recursiveReadOnly, source.isDirectory {
            guard (facts.kernelMajor, facts.kernelMinor) >= (5, 12) else {
                throw EngineError(.unsupported, "recursive read-only needs Linux 5.12 (mount_setattr)")
            }
            options.append("rro")
        }
        var extra: [String: JSON] = [:]
        if !mount.uidMappings.isEmpty || !mount.gidMappings.isEmpty {
            options.append("idmap")
            extra["uidMappings"] = SpecNamespaces.ociMappings(mount.uidMappings)
            extra["gidMappings"] = SpecNamespaces.ociMappings(mount.gidMappings)
        }
        return MountPlan.Entry(
            mount: Mount(destination: destination, type: "bind", source: source.path, options: options, extra: extra),
            content: source.isDirectory ? .directory(source.path) : .file, label: label)
    }

    /// To set flags of a bind mount is to set all of them anew: what the mount below denies stays denied.
    private func restricted(_ options: [String], _ asked: [String], on source: String) throws(EngineError) -> [String] {
        var options = options
        for flag in try host.restrictions(of: source) + asked {
            if flag == "ro" {
                options = options.map { $0 == "rw" ? "ro" : $0 }
            } else if flag == "relatime" ? !asked.has("noatime") : true, !options.has(flag) {
                options.append(flag)
            }
        }
        return options
    }

    /// Where it comes from, links followed. What is not there is an error: nothing is made on the host.
    private func source(_ mount: AppMount) throws(EngineError) -> HostPath {
        if mount.image.isEmpty {
            guard let found = try host.resolve(mount.hostPath) else {
                throw EngineError(
                    .invalid, "hostPath \(mount.hostPath): there is no such file or directory on the host")
            }
            return found
        }
        guard let root = request.imageMounts[mount.image] else {
            throw EngineError(.invalid, "image \(mount.image): was not resolved")
        }
        if mount.imageSubPath.isEmpty { return HostPath(path: root, isDirectory: true) }
        guard let found = try host.resolve("\(root)/\(mount.imageSubPath)") else {
            throw EngineError(.invalid, "imageSubPath \(mount.imageSubPath): not in image \(mount.image)")
        }
        guard found.path.begins(with: root + "/") else {
            throw EngineError(.invalid, "imageSubPath \(mount.imageSubPath): leads out of image \(mount.image)")
        }
        return found
    }

    private func propagation(_ mount: AppMount, _ source: String) throws(EngineError) -> String {
        if mount.propagation == .private { return "rprivate" }
        let found = try host.propagation(of: source)
        if mount.propagation == .bidirectional {
            guard found.isShared else {
                throw EngineError(
                    .invalid,
                    "propagation bidirectional: \(source) is on the mount \(found.mountPoint), which is not shared "
                        + "(mount --make-rshared \(found.mountPoint))")
            }
            return "rshared"
        }
        guard found.isShared || found.isSlave else {
            throw EngineError(
                .invalid,
                "propagation host-to-container: \(source) is on the mount \(found.mountPoint), which is neither shared nor "
                    + "a slave (mount --make-rshared \(found.mountPoint))")
        }
        return "rslave"
    }
}

/// Paths as text.
enum LexicalPath {
    /// Without doubled slashes, `.` and `..`; always absolute.
    static func clean(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.words(at: "/") {
            if part == "." { continue }
            if part == ".." {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}

extension SpecNamespaces {
    static func ociMappings(_ mappings: [IDMapping]) -> JSON {
        .array(
            mappings.map {
                ["containerID": .integer($0.containerID), "hostID": .integer($0.hostID), "size": .integer($0.length)]
            })
    }

    /// The `namespaces` of the OCI document. A mount namespace is always the app's own.
    func json(cgroupV2: Bool) -> JSON {
        var list: [JSON] = [["type": "mount"]]
        if cgroupV2 { list.append(["type": "cgroup"]) }
        for case (let type, let path?) in [("network", network), ("ipc", ipc), ("uts", uts), ("user", user)] {
            list.append(["type": .string(type), "path": .string(path)])
        }
        switch pid {
        case .new: list.append(["type": "pid"])
        case .path(let path): list.append(["type": "pid", "path": .string(path)])
        case .host: break
        }
        return .array(list)
    }
}
