import CGantry

/// What the init of a pod's PID namespace runs as: ids that own nothing, as far as the pod's user namespace has any.
struct PodInitUser: Equatable {
    let uid: UInt32
    let gid: UInt32

    /// `nobody` and `nogroup` of every distribution, and what ids that are not mapped look like.
    private static let usual: Int64 = 65534

    init(_ namespace: UserNamespace?) {
        uid = Self.id(namespace?.uids)
        gid = Self.id(namespace?.gids)
    }

    /// The usual one where it is mapped, else the highest that is.
    private static func id(_ mappings: [IDMapping]?) -> UInt32 {
        guard let mappings else { return UInt32(usual) }
        let isMapped = mappings.contains { $0.containerID <= usual && usual - $0.containerID < $0.length }
        if isMapped { return UInt32(usual) }
        // Checked when the configuration was read: it ends below 2^32 - 1.
        return UInt32(clamping: mappings.map { $0.containerID + $0.length - 1 }.max() ?? 0)
    }

    /// What failed, for people.
    static func step(_ number: Int) -> String {
        switch number {
        case Int(GANTRY_INIT_DESCRIPTORS): "close its descriptors"
        case Int(GANTRY_INIT_SIGNALS): "set its signals"
        case Int(GANTRY_INIT_CGROUP): "make its cgroup namespace"
        case Int(GANTRY_INIT_ROOT): "make its empty root"
        case Int(GANTRY_INIT_LIMITS): "set its limits"
        case Int(GANTRY_INIT_CAPABILITIES): "drop its capabilities"
        case Int(GANTRY_INIT_USER): "become a user without rights"
        case Int(GANTRY_INIT_EXECUTE): "execute its program"
        default: "make its process"
        }
    }
}
