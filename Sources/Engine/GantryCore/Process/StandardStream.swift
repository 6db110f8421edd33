import CGantry
import Glibc

/// What a container's process may be given as a standard stream.
///
/// crun makes descriptors 0 to 2 the property of the process's user (fchown(2)), which changes a device or a file of the host for good.
/// Only what nobody else has a name for may be handed on: a pipe or a socket.
package enum StandardStream {
    /// Takes the numbers of this process's own that its caller left free (`>&-`): the next descriptor, a supervisor's connection for one, would have it
    /// else, and be given to a command as its output. Whatever uses them fails as if they were closed: each is open for the other direction.
    package static func reserve() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest number that is free is given out: this one.
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
    }

    /// Reads as ended.
    package static func ended() throws(EngineError) -> Descriptor {
        let pipe = try Pipe()
        pipe.writer.close()
        return pipe.reader
    }

    /// Whether the descriptor has no name in a file system: an anonymous pipe or a socket.
    package static func isNameless(_ descriptor: Int32) -> Bool {
        let pipes: Int64 = 0x5049_5045
        let sockets: Int64 = 0x534f_434b
        let magic = gantry_filesystem_of(descriptor)
        return magic == pipes || magic == sockets
    }

    /// Whether it is /dev/null: the one device whose replacement nobody can tell from it.
    static func isNull(_ descriptor: Int32) -> Bool {
        var info = stat()
        guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFCHR else { return false }
        return gantry_major(UInt64(info.st_rdev)) == 1 && gantry_minor(UInt64(info.st_rdev)) == 3
    }
}

/// The standard streams of an executed command, as its client sent them.
struct CommandStreams {
    let descriptors: [Descriptor]

    /// /dev/null is replaced: what is read from it has ended, what is written to it is read and dropped by `loop`.
    /// - Throws: `invalid` for anything else that has a name on the host.
    init(_ sent: [Descriptor], loop: EventLoop) throws(EngineError) {
        var descriptors: [Descriptor] = []
        for (number, descriptor) in sent.enumerated() {
            if StandardStream.isNameless(descriptor.raw) {
                descriptors.append(descriptor)
            } else if StandardStream.isNull(descriptor.raw) {
                descriptors.append(number == 0 ? try StandardStream.ended() : try Self.sink(loop))
            } else {
                throw EngineError(
                    .invalid, "control request app-exec: descriptor \(number) must be a pipe or a socket, or /dev/null")
            }
        }
        self.descriptors = descriptors
    }

    private static func sink(_ loop: EventLoop) throws(EngineError) -> Descriptor {
        let pipe = try Pipe()
        guard gantry_nonblocking(pipe.reader.raw) == 0 else { throw .posix("make a pipe", errno) }
        let reader = pipe.reader
        // The handler owns the descriptor: it lives until the last writer has gone.
        try loop.watch(reader.raw, .read, "dropped output") { [unowned loop] in
            let isOpen = withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { space in
                for _ in 0..<LoopMeter.Bound.bytes / space.count {
                    let got = read(reader.raw, space.baseAddress, space.count)
                    loop.meter.count(.bytes, max(0, got))
                    if got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) { return false }
                    if got < 0 { break }
                }
                return true
            }
            if isOpen { return }
            loop.unwatch(reader.raw)
            reader.close()
        }
        return pipe.writer
    }
}
