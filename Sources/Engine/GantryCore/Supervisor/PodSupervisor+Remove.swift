import Glibc
import JSON

extension PodSupervisor {
    /// `app-rm`: kills what runs and removes the app. One that is not there is removed already.
    func remove(_ request: ControlRequest) throws(EngineError) {
        let name = try requestedName(request)
        guard let app = apps[name] else { return request.succeed() }
        remove(app) { error in
            if let error { request.fail(error) } else { request.succeed() }
        }
    }

    private func remove(_ app: App, completion: @escaping (EngineError?) -> Void) {
        switch app.phase {
        case .creating, .starting, .exited:
            app.settleWaiters.append { [unowned self] in remove(app, completion: completion) }
        case .created, .running:
            stop(app, signal: nil, grace: 0) { [unowned self] in remove(app, completion: completion) }
        case .clean:
            completion(removeRecord(app))
        case .removing:
            // Another caller was first.
            completion(nil)
        }
    }

    private func removeRecord(_ app: App) -> EngineError? {
        guard apps[app.name] === app else { return nil }
        do throws(EngineError) {
            app.phase = .removing
            try pod.removeApp(app.name)
            apps.removeValue(forKey: app.name)
            publish(.appRemoved(pod: pod.uuid, app.name))
            return nil
        } catch {
            app.phase = .clean
            return error
        }
    }
}
