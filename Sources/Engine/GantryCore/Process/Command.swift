import ByteText
import CGantry
import Glibc

/// A process run to its end by a caller that waits: plugins, and crun where no event loop runs.
package struct Command {
    package struct Outcome {
        /// Nil: killed at the deadline or because the caller was told to stop.
        package var status: ExitStatus?
        package var wasCancelled = false
        package var output: [UInt8] = []
        package var errors: [UInt8] = []
    }

    package var request: ProcessRequest
    package var input: [UInt8] = []
    /// Nanoseconds.
    package var timeout: Int64 = 60_000_000_000
    /// Of standard output and of standard error, each; the rest is read and dropped.
    package var outputLimit = 1 << 20
    /// Readable when the caller is to stop.
    package var cancellation: Int32?

    package init(_ request: ProcessRequest) { self.request = request }

    /// - Parameter meanwhile: done as soon as the process has been started, before anything is waited for.
    package func run(meanwhile: (() -> Void)? = nil) throws(EngineError) -> Outcome {
        let input = try Descriptor(gantry_memory_file(self.input, self.input.count), "make a memory file")
        let output = try Pipe()
        let errors = try Pipe()
        var request = request
        request.descriptors = [input.raw, output.writer.raw, errors.writer.raw]
        request.leadsGroup = true
        let pid = try request.spawn()
        output.writer.close()
        errors.writer.close()
        meanwhile?()
        return watch(pid, output.reader, errors.reader)
    }

    private func watch(_ pid: pid_t, _ output: Descriptor, _ errors: Descriptor) -> Outcome {
        var outcome = Outcome()
        let exit = Descriptor(owning: gantry_pidfd_open(pid))
        let deadline = Clock.monotonic().addingSaturating(timeout)
        // Over when the process has exited: a daemon that holds the pipes open is not waited for.
        while true {
            var polls = [exit.raw, output.raw, errors.raw, cancellation ?? -1].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            let left = deadline - Clock.monotonic()
            guard left > 0 else { break }
            let ready = poll(&polls, nfds_t(polls.count), Int32(clamping: left / 1_000_000 + 1))
            if ready <= 0 { continue }
            if polls[1].revents != 0 { take(output, into: &outcome.output) }
            if polls[2].revents != 0 { take(errors, into: &outcome.errors) }
            if polls[0].revents != 0 {
                drain(output, into: &outcome.output)
                drain(errors, into: &outcome.errors)
                break
            }
            if polls[3].revents != 0 {
                outcome.wasCancelled = true
                break
            }
        }
        outcome.status = reap(pid)
        return outcome
    }

    private func reap(_ pid: pid_t) -> ExitStatus? {
        var exit = gantry_exit()
        if gantry_wait(pid, true, &exit) == 1 { return ExitStatus(exit) }
        // The number is the group's as long as its leader has not been reaped.
        kill(-pid, SIGKILL)
        waitpid(pid, nil, 0)
        return nil
    }

    private func take(_ descriptor: Descriptor, into bytes: inout [UInt8]) {
        guard descriptor.raw >= 0 else { return }
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { space in
            let got = read(descriptor.raw, space.baseAddress, space.count)
            if got > 0 {
                bytes.append(contentsOf: space.prefix(min(got, max(0, outputLimit - bytes.count))))
            } else if got == 0 {
                descriptor.close()
            }
        }
    }

    private func drain(_ descriptor: Descriptor, into bytes: inout [UInt8]) {
        guard descriptor.raw >= 0, gantry_nonblocking(descriptor.raw) == 0 else { return }
        while descriptor.raw >= 0 {
            var polled = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, 0) == 1, bytes.count < outputLimit else { return }
            take(descriptor, into: &bytes)
        }
    }
}
