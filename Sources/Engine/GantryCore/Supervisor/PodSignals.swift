import CGantry
import Glibc

/// The signals that a supervisor listens to, as descriptors.
package final class PodSignals {
    /// SIGTERM and SIGINT: the pod is to end.
    package let termination: Descriptor
    /// SIGCHLD.
    package let children: Descriptor

    package init() throws(EngineError) {
        termination = try Descriptor(gantry_signals([SIGTERM, SIGINT], 2), "listen to signals")
        children = try Descriptor(gantry_signals([SIGCHLD], 1), "listen to signals")
    }

    func acknowledge(_ descriptor: Descriptor) {
        withUnsafeTemporaryAllocation(of: signalfd_siginfo.self, capacity: 8) { space in
            let size = MemoryLayout<signalfd_siginfo>.stride * space.count
            // One of each kind is pending at most; what comes meanwhile is read in the next step.
            _ = read(descriptor.raw, space.baseAddress, size)
        }
    }
}
