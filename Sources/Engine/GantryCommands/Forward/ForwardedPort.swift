import ArgumentParser
import ByteText

/// A port of a pod, and the one of the host that leads there: `80`, `8080:80`, `:80`.
struct ForwardedPort: Equatable, ExpressibleByArgument {
    /// 0: any that is free.
    let local: UInt16
    let remote: UInt16

    init?(argument: String) {
        guard let (left, right) = argument.cut(at: ":") else {
            guard let port = UInt16(digits: argument), port > 0 else { return nil }
            (local, remote) = (port, port)
            return
        }
        guard let remote = UInt16(digits: right), remote > 0 else { return nil }
        if left.isEmpty {
            local = 0
        } else {
            guard let port = UInt16(digits: left) else { return nil }
            local = port
        }
        self.remote = remote
    }
}
