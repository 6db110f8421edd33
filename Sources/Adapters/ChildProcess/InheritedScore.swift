import Glibc

/// The OOM score that keeps the kernel away from this process (proc(5), oom_score_adj). Children inherit it, and must not have it: a download
/// would outlive everything else on the node.
///
/// It is taken from a child as soon as that is there, since nothing can be done between fork and exec. gantry, which is most of them, takes it from
/// itself before it does anything.
package enum InheritedScore {
    /// - Parameter process: a child that has not been reaped. One that has ended meanwhile needs nothing.
    package static func takeFrom(_ process: pid_t) {
        let descriptor = open("/proc/\(process)/oom_score_adj", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var first: UInt8 = 0
        guard pread(descriptor, &first, 1, 0) == 1, first == UInt8(ascii: "-") else { return }
        var ordinary = UInt8(ascii: "0")
        _ = pwrite(descriptor, &ordinary, 1, 0)
    }
}
