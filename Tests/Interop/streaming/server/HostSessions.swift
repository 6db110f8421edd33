import Domain
import Glibc
import Synchronization

/// Sessions whose commands run here, on the host of the test, as nobody's container: for clients to speak with the streaming server without a node.
struct HostSessions: LiveSessions {
    func exec(
        _ command: [String], in container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession { try HostSession(command, streams) }

    /// To a process of its own: what is attached to is not the matter here.
    func attach(
        to container: ContainerID, of pod: PodID, streams: SessionStreams
    ) async throws(DomainError) -> any LiveSession {
        try HostSession(["sh", "-c", "echo attached; exec cat"], streams)
    }

    func forward(into pod: PodID) async throws(DomainError) -> any PortForwarding { HostPorts() }
}

struct HostPorts: PortForwarding {
    func connect(to port: UInt16) async throws(DomainError) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let cause = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw DomainError(.unavailable, "port \(port): \(cause)")
        }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }

    func close() {}
}

final class HostSession: LiveSession {
    let ends: SessionEnds
    private let pid: pid_t
    private let code: AsyncStream<Int32>

    init(_ command: [String], _ streams: SessionStreams) throws(DomainError) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        // POSIX_SPAWN_SETSID: what is opened first becomes its terminal, and a kill reaches all of it.
        posix_spawnattr_setflags(&attributes, 0x80)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        var far: [Int32] = []
        if case .sized(let size) = streams.terminal {
            let master = Self.terminal(size)
            var number: Int32 = 0
            _ = ioctl(master, 0x8004_5430, &number)
            let name = "/dev/pts/\(number)"
            for target in 0..<3 { posix_spawn_file_actions_addopen(&actions, Int32(target), name, O_RDWR, 0) }
            ends = SessionEnds(input: streams.stdin ? fcntl(master, F_DUPFD_CLOEXEC, 3) : nil, output: master)
        } else {
            func pipe(_ number: Int32, _ isWanted: Bool) -> Int32? {
                guard isWanted else {
                    posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
                    return nil
                }
                var ends: [Int32] = [-1, -1]
                _ = Glibc.pipe(&ends)
                for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
                let (ours, theirs) = number == 0 ? (ends[1], ends[0]) : (ends[0], ends[1])
                _ = fcntl(ours, F_SETFL, O_NONBLOCK)
                posix_spawn_file_actions_adddup2(&actions, theirs, number)
                far.append(theirs)
                return ours
            }
            ends = SessionEnds(
                input: pipe(0, streams.stdin), output: pipe(1, streams.stdout), errors: pipe(2, streams.stderr))
        }
        var arguments = command.map { strdup($0) } + [nil]
        var child: pid_t = 0
        let failure = posix_spawnp(&child, command[0], &actions, &attributes, &arguments, environ)
        for argument in arguments { free(argument) }
        for descriptor in far { close(descriptor) }
        guard failure == 0 else {
            for end in [ends.input, ends.output, ends.errors] { if let end { close(end) } }
            throw DomainError(.invalidArgument, "\(command[0]): \(String(cString: strerror(failure)))")
        }
        let started = child
        pid = started
        let (code, sink) = AsyncStream.makeStream(of: Int32.self)
        self.code = code
        Self.onThread {
            var status: Int32 = 0
            while waitpid(started, &status, 0) < 0, errno == EINTR {}
            sink.yield(status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f)
            sink.finish()
        }
    }

    func resize(to size: TerminalSize) { if let master = ends.output { Self.resize(master, size) } }

    func outcome() async throws(DomainError) -> Int32 {
        for await code in code { return code }
        throw DomainError(.cancelled, "nobody waits for it")
    }

    func cancel() { kill(-pid, SIGKILL) }

    private static func terminal(_ size: TerminalSize?) -> Int32 {
        // ioctl_tty(2): TIOCSPTLCK, and TIOCGPTN above.
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK)
        var unlocked: Int32 = 0
        _ = ioctl(master, 0x4004_5431, &unlocked)
        if let size { resize(master, size) }
        return master
    }

    private static func resize(_ master: Int32, _ size: TerminalSize) {
        var window = winsize(ws_row: size.rows, ws_col: size.columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(master, UInt(TIOCSWINSZ), &window)
    }

    static func onThread(_ body: @escaping @Sendable () -> Void) {
        final class Job {
            let body: @Sendable () -> Void
            init(_ body: @escaping @Sendable () -> Void) { self.body = body }
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
                return nil
            }, Unmanaged.passRetained(Job(body)).toOpaque())
        pthread_detach(thread)
    }
}
