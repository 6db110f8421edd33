import Glibc

extension PodDirectory {
    /// Whether the pod's supervisor is gone. One that ends lets go of its socket a moment before the kernel lets go of its lock: in a pod
    /// that has come to `state` or further, that moment is waited for.
    /// - Parameter patience: nanoseconds; a supervisor that lives on is told then.
    package func hasEnded(waitingFrom state: PodState, patience: Int64 = 5_000_000_000) throws(EngineError) -> Bool {
        let deadline = Clock.monotonic() + patience
        while try isAlive() {
            guard let record = try readRecord(), record.state.order >= state.order, Clock.monotonic() < deadline else {
                return false
            }
            usleep(1000)
        }
        return true
    }
}
