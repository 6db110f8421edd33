import ByteText
import Glibc

extension PodSupervisor {
    /// How long those who asked for the pod's end wait for disks, in nanoseconds: longer than the network and the processes may take.
    private static let endLimit: Int64 = 45_000_000_000
    /// How long the results of what ends beside the loop are waited for.
    private static let lastPatience: Int64 = 300_000_000

    /// Undoes all that is left of the pod and answers those who asked for its end.
    func end() -> Int32 {
        server?.close()
        if let podInit { Glibc.kill(podInit, SIGKILL) }
        var isUndone = false
        let teardown = PodTeardown(store: store, pod: pod, by: .supervisor)
        let moves = CgroupMoves()
        if notifyAddress != nil { work.run(Worker(), "cgroup moves", moves.keepReady) {} }
        let answer = { [self] (result: Result<Void, EngineError>) in
            isUndone = true
            if case .failure(let error) = result { note(error.message) }
            answerStops(result)
        }
        work.run(
            Worker(), "end of the pod", within: Self.endLimit,
            { Result { () throws(EngineError) in try teardown.run(because: nil) } },
            then: { [self] result in
                if let result { return answer(result) }
                let error = EngineError(
                    .deadline, "pod \(pod.uuid): its apps have ended; the disk below \(pod.path) does not answer")
                note(error.message)
                answerStops(.failure(error))
            }, late: answer)
        turn { isUndone }
        moves.end()
        leaveStuckProcesses()
        return 0
    }

    private func answerStops(_ result: Result<Void, EngineError>) {
        for request in stopRequests {
            switch result {
            case .success: request.succeed()
            case .failure(let error): request.fail(error)
            }
        }
    }

    private static func parent(_ pid: pid_t) -> pid_t? {
        guard let text = try? Files.readText("/proc/\(pid)/status", limit: 64 << 10) else { return nil }
        let line = text.words(at: "\n").first { $0.begins(with: "PPid:") }
        return line.flatMap { $0.without(prefix: "PPid:") }.flatMap { pid_t(digits: String($0).trimmed) }
    }

    private func turn(until condition: () -> Bool) {
        while !condition() {
            guard (try? loop.turn()) != nil else { return }
        }
    }

    /// A helper, or a crun, that waits for a dead disk does not end, not even when it is killed. It leaves the unit, which could not end before it;
    /// it goes when the disk answers.
    private func leaveStuckProcesses() {
        var isOver = false
        loop.after(Self.lastPatience) { isOver = true }
        turn { work.pending == 0 || isOver }
        guard let hierarchies = try? CgroupLayout.current().hierarchies else { return }
        let own = hierarchies.first { $0.isUnified || $0.key.begins(with: "name=") }
        guard let own else { return }
        for pid in CgroupProcesses.direct(own.directory(own.ownPath)) where Self.parent(pid) == getpid() {
            note("leaves process \(pid) behind, which waits for a disk")
            Glibc.kill(pid, SIGKILL)
            for hierarchy in hierarchies {
                do throws(EngineError) {
                    try Files.write(hierarchy.mountPoint + "/cgroup.procs", "\(pid)")
                } catch {
                    note("process \(pid) cannot leave the unit: \(error.message)")
                }
            }
        }
    }
}
