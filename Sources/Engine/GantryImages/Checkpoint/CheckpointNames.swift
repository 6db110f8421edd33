/// The files of a checkpoint's archive, as CRI-O, containerd and Podman call them too.
enum CheckpointNames {
    static let config = "config.dump"
    static let spec = "spec.dump"
    static let mounts = "bind.mounts"
    static let rootfs = "rootfs-diff.tar"
    static let removed = "deleted.files"
    static let images = "checkpoint"
    static let dumpLog = "dump.log"
    static let statistics = "stats-dump"
    static let log = "container.log"
}
