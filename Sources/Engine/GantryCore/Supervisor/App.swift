import Glibc

/// One app of the pod, as the supervisor knows it while it lives.
///
///     creating ─► created ─► starting ─► running
///         │          │           │          │
///         ▼          └──────────►└─────────►├─► exited ─► clean ─► gone
///       gone
///
/// An app that is being made may have been answered for: its start then waits for the container.
/// `ending` (between running, or created, and exited) means that its main process is gone, that its output is being read to the end and its exit being recorded; `exited` that the exit is recorded; `clean` that nothing of the container is left but the record and the writable layer.
package final class App {
    enum Phase {
        case creating, created, starting, running, ending, exited, clean, removing

        /// For people.
        var words: String {
            switch self {
            case .creating: "being made"
            case .created: "created"
            case .starting: "being started"
            case .running: "running"
            case .ending: "ending"
            case .exited, .clean: "exited"
            case .removing: "being removed"
            }
        }
    }

    let name: AppName
    let paths: AppPaths
    let cgroup: AppCgroup
    let containerID: String
    var record: AppRecord
    var phase = Phase.creating

    /// Of the container's init; its number is in the record. Nil once it is reaped.
    var pidfd: Descriptor?
    var initPID: pid_t?
    /// Whether the container's processes die with its init, since it is PID 1 of a namespace of its own.
    var hasOwnPIDs = true
    /// The PID namespace of another app, kept open while the container is being made.
    var joinedPIDs: Descriptor?
    /// The inode of the PID namespace that it is in; nil until it is made.
    var pidNamespace: UInt64?
    /// Whether it may trace other users' processes (CAP_SYS_PTRACE).
    var mayTrace = false
    /// Of a container that ended before its start was answered.
    var earlyExit: ExitStatus?
    /// Why it cannot be started, known since it was made: it has no container then.
    var startError: EngineError?
    /// The checkpoint of it that is being written.
    var checkpoint: AppCheckpoint?
    /// What it is started from in place of a container of its own; nil once it is.
    var restoration: AppRestoration?
    /// What its processes begin with.
    var oomScore: Int64 = 0
    /// Whether its limits are being changed.
    var isUpdating = false
    /// Called when they are not any more.
    var updateWaiters: [() -> Void] = []
    /// Kernel kills in cgroups of executed commands that are gone already.
    var pastOOMKills = 0
    /// How many images may be mounted for it.
    var mountedImages = 0

    /// Does what is done of the app beside the loop: its files, mounts and cgroup, in order.
    let chores = Worker()
    /// The same for the commands that are executed in it, which nothing of the above may hold up.
    let commands = Worker()

    var output: AppOutput?
    /// Kept open for whoever attaches later.
    var standardInput: Descriptor?
    /// The first client that has it has it alone: it ends with that client.
    var endsInputOnce = false
    var hasInput = false
    /// Its terminal's master, for clients.
    var terminal: Descriptor?
    var executions: [Int: Execution] = [:]
    var nextExecution = 1

    var stopTimer: EventLoop.Timer?
    var stopDeadline = Int64.max
    var isStopSignalled = false
    /// Called when the exit is recorded.
    var exitWaiters: [() -> Void] = []
    /// Called when a step that is under way has ended: creating, starting, cleaning.
    var settleWaiters: [() -> Void] = []

    /// The addition that is under way; nil once it is answered.
    var addition: ControlRequest?
    /// Its container and its record, while they are being made.
    var making: AppMaking?
    /// What its making waits for, for people; empty: for nothing that is known to be slow.
    var waitsFor = ""
    /// Ends what its making, or its start, waits for, without what was waited for.
    var giveUp: ((EngineError) -> Void)?
    /// Until somebody's patience with its making, or its start, is over.
    var patience: EventLoop.Timer?
    /// Whether it is wanted gone while it is being made or started.
    var isHurried = false
    /// Whether the disk that its record is on does not answer to its removal.
    var isRemovalStuck = false

    init(name: AppName, paths: AppPaths, cgroup: AppCgroup, containerID: String, record: AppRecord) {
        self.name = name
        self.paths = paths
        self.cgroup = cgroup
        self.containerID = containerID
        self.record = record
    }

    /// What it is, for people. One whose addition has been answered is created for whoever asked.
    var words: String { phase == .creating && addition == nil ? Phase.created.words : phase.words }

    var isAlive: Bool {
        switch phase {
        case .creating, .created, .starting, .running, .ending: true
        case .exited, .clean, .removing: false
        }
    }

    /// Whether the container's init is dead, though perhaps not reaped yet.
    var initHasEnded: Bool {
        guard phase == .running, let pidfd else { return true }
        var polled = pollfd(fd: pidfd.raw, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, 0) > 0
    }

    /// A signal to the container's init.
    func signal(_ signal: Signal) {
        guard let pidfd else { return }
        _ = gantrySignal(pidfd, signal)
    }

    func settle() {
        patience?.cancel()
        isHurried = false
        let waiters = settleWaiters
        settleWaiters = []
        for waiter in waiters { waiter() }
    }
}
