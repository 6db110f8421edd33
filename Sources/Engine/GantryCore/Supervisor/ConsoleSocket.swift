import ByteText
import CGantry
import Glibc

/// Where crun sends the master of a terminal that it made for a container.
struct ConsoleSocket {
    let path: String
    private let listener: Descriptor

    /// Listens at `path`, whose directory is there.
    init(path: String) throws(EngineError) {
        self.path = path
        let name = String(path.lastPathComponent)
        let directory = String(path.without(suffix: name) ?? "")
        let parent = try Descriptor(gantry_open_path(directory), "open \(directory)")
        unlinkat(parent.raw, name, 0)
        listener = try Descriptor(gantry_listen(parent.raw, name, 1), "listen on \(path)")
    }

    /// The terminal. crun has sent it by the time it has ended.
    func receive() throws(EngineError) -> Descriptor {
        defer { unlink(path) }
        let socket = try Descriptor(gantry_accept(listener.raw), "receive the terminal at \(path)")
        var byte = [UInt8](repeating: 0, count: 64)
        var fds: [Int32] = [-1]
        var count = 1
        let got = byte.withUnsafeMutableBytes { gantry_receive(socket.raw, $0.baseAddress, $0.count, &fds, &count) }
        guard got >= 0, count == 1 else {
            throw EngineError(.internal, "receive the terminal at \(path): crun sent no descriptor")
        }
        return Descriptor(owning: fds[0])
    }
}
