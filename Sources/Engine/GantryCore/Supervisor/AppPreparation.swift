/// Makes everything of an app but its container: files, mounts, the runtime document. It waits for disks, and for whatever is
/// mounted on the host, and takes as long as the image and the configuration make it: beside the loop.
struct AppPreparation: Sendable {
    let store: PodStore
    let pod: PodDirectory
    let unit: UnitCgroup
    let bundle: AppBundle
    let facts: SharedFacts
    let profiles: SeccompCache
    /// The checkpoint that it is to be made of; nil: none.
    var restore: AppRestore?

    /// What the supervisor has to know of it.
    struct Made: Sendable {
        var user: AppRecord.User
        var stopSignal: Signal
        var oomScore: Int64
        /// Whether it may trace other users' processes (CAP_SYS_PTRACE).
        var mayTrace: Bool
        var command: StartCommand
        /// For people.
        var notes: [String]
    }

    enum Outcome: Sendable {
        case made(Made)
        /// Nothing has been made, nor may anything be removed: the name may be another's.
        case untouched(EngineError)
        /// To be undone.
        case failed(EngineError)
    }

    func run() -> Outcome {
        let manifest = bundle.manifest
        do throws(EngineError) { try pod.createApp(manifest.name) } catch { return .untouched(error) }
        do throws(EngineError) {
            try pod.writeAppManifest(manifest, durability: .atomic)
            try restore?.place(in: pod.appPath(manifest.name))
            BorrowedSlices(runDir: store.runDir).note(unit)
            var notes: [String] = []
            let spec = try bundle.make(facts: try facts.get { notes.append($0) }, profiles: profiles)
            try restore?.check(spec.json)
            let bounding = spec.json["process"]?["capabilities"]?["bounding"]?.arrayValue ?? []
            return .made(
                Made(
                    user: spec.user, stopSignal: spec.stopSignal,
                    oomScore: spec.json["process"]?["oomScoreAdj"]?.int64Value ?? 0,
                    mayTrace: bounding.contains("CAP_SYS_PTRACE"),
                    command: StartCommand(spec), notes: notes + spec.notes))
        } catch {
            return .failed(error)
        }
    }
}
