import ByteText
import Glibc

/// Keeps a second daemon from this host: it would take the requests, the pods and the units of the first one for left-overs.
///
/// Held for as long as the process lives; the kernel lets go of it whatever becomes of the process.
struct SingleDaemon {
    private let lock: Int32
    private let name: Int32

    /// - Parameters:
    ///   - dataDir: made when it is not there; its `rktlet.lock` is locked (flock(2)).
    ///   - units: what the pods' units begin with. They are the host's, whatever the directories: the name is taken as that of an
    ///     abstract socket.
    /// - Throws: when another daemon has one of them.
    init(dataDir: String, units: String) throws(StartError) {
        lock = try Self.lock(dataDir)
        name = try Self.takeName("rktlet/\(units)")
    }

    /// Whether somebody answers on the CRI's socket.
    static func answers(on path: String) -> Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withAddress(Array(path.utf8)) { connect(descriptor, $0, $1) } == 0
    }

    private static func lock(_ dataDir: String) throws(StartError) -> Int32 {
        var made = ""
        for part in dataDir.words(at: "/") {
            made += "/" + part
            mkdir(made, 0o700)
        }
        let path = "\(dataDir)/rktlet.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StartError("\(path): \(String(cString: strerror(errno)))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EWOULDBLOCK else { throw StartError("\(path): \(String(cString: strerror(code)))") }
            throw StartError("another rktlet runs on \(dataDir): it holds \(path)")
        }
        return descriptor
    }

    private static func takeName(_ name: String) throws(StartError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw StartError("socket: \(String(cString: strerror(errno)))") }
        guard withAddress([0] + Array(name.utf8), { bind(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EADDRINUSE else { throw StartError("@\(name): \(String(cString: strerror(code)))") }
            throw StartError(
                "another rktlet runs on this host, on other directories: the units of pods would be shared")
        }
        return descriptor
    }

    /// - Parameter path: with a leading 0 the name of an abstract socket, which has no end of its own.
    private static func withAddress(
        _ path: [UInt8], _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.prefix(room - 1)) }
        let isAbstract = path.first == 0
        let length = isAbstract ? MemoryLayout<sa_family_t>.size + path.count : MemoryLayout<sockaddr_un>.size
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
        }
    }
}
