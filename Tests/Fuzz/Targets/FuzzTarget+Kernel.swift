@testable import GantryCore

extension FuzzTarget {
    /// Files of /proc and cgroups. The kernel writes them, but names in them are whatever somebody has mounted or made.
    static let kernel = FuzzTarget("kernel", longest: 2048) { input in
        let text = String(decoding: input, as: UTF8.self)
        for point in Mounts.below("/run/x", mountinfo: text) {
            let bytes = Array(point.utf8)
            try promise(bytes.starts(with: "/run/x".utf8), "a mount point elsewhere")
            try promise(bytes.count == 6 || bytes[6] == 0x2f, "a mount point beside it")
            PlantedTrap.here(bytes.count == 9 && bytes[8] == 0x20)
        }
        let place = MountInfo.propagation(of: "/run/x/y", in: text)
        try promise("/run/x/y".utf8.starts(with: place.mountPoint.utf8), "another mount's propagation")
        _ = AppCgroup.counter("oom_kill", text: text)
        try promise(HostFacts.hardLimits(text).count <= 16, "more limits than there are")
        _ = HostFacts.defaultProfile(loaded: text)
    }
}
