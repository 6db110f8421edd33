/// A checkpoint of an app that is being written. Its processes stand still until it is over.
final class AppCheckpoint {
    let request: ControlRequest
    /// What the runtime writes into.
    let directory: CheckpointDirectory
    /// In the time of `Clock.monotonic()`.
    let deadline: Int64
    /// What stopped the processes; nil: nothing has yet.
    var freezer: AppFreezer?
    /// Ends the runtime; nil while it does not run.
    var giveUp: ((EngineError) -> Void)?
    /// Why it ends; nil: it goes on, or has its client's thanks.
    var failure: EngineError?
    var isEnding = false
    var timer: EventLoop.Timer?

    init(_ request: ControlRequest, directory: CheckpointDirectory, deadline: Int64) {
        self.request = request
        self.directory = directory
        self.deadline = deadline
    }
}

/// Where the files of a checkpoint are, made by the runtime or for it.
package struct CheckpointDirectory: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    /// CRIU's images, and nothing else.
    package var images: String { "\(path)/\(Self.imagesName)" }
    package static let imagesName = "checkpoint"
    /// The runtime's own log.
    var log: String { "\(path)/runtime.log" }
    package var dumpLog: String { "\(path)/dump.log" }
    var restoreLog: String { "\(path)/restore.log" }
}
