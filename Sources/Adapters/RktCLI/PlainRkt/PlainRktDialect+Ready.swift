import ChildProcess
import Domain

/// The pod's unit is ready when the systemd in it has booted; that apps can be added, rkt tells by a link that a unit of its stage 1 makes then. Under a systemd of today that
/// unit is now and then never started, or takes its link away at once.
extension PlainRktDialect {
    /// From a pod's unit being ready to rkt's own sign that it takes apps.
    private static let ownTime = Duration.milliseconds(500)
    /// From the sign being made for it to rkt's seeing it.
    private static let madeTime = Duration.seconds(8)

    /// - Throws: `unavailable` when the pod does not come to take apps.
    func waitUntilReady(_ uuid: EngineUUID, _ pod: PodID) async throws(DomainError) {
        if uuids.isReady(uuid), files.takesApps(uuid) { return }
        var result = try await readiness(uuid, pod, within: Self.ownTime)
        if !result.succeeded, stage1Place.sayReady(uuid) {
            logger.notice(
                "rkt's stage 1 did not say that the pod takes containers; said for it", metadata: ["pod": "\(pod)"])
            result = try await readiness(uuid, pod, within: Self.madeTime)
        }
        guard result.succeeded else {
            throw DomainError(
                .unavailable,
                "\(command.plainFailure(result, ["status"], about: "pod \(pod)").message) (its stage 1 never came to take containers; another pod may)"
            )
        }
        stage1Place.linkIncoming(uuid)
        uuids.learn(ready: uuid)
    }

    private var stage1Place: RktStage1Place { RktStage1Place(pods: files.runningPods, procfs: files.procfs) }

    private func readiness(
        _ uuid: EngineUUID, _ pod: PodID, within limit: Duration
    ) async throws(DomainError) -> ChildResult {
        try await command.run(
            ["status"], ["--wait-ready=\(limit.engineText)", uuid.description], about: "pod \(pod)",
            timeout: limit + settings.queryTimeout)
    }
}
