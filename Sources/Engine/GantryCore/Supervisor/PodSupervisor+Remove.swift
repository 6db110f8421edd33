import Glibc
import JSON

extension PodSupervisor {
    /// `app-rm`: kills what runs and removes the app. One that is not there is removed already.
    func remove(_ request: ControlRequest) throws(EngineError) {
        let name = try requestedName(request)
        guard let app = apps[name] else { return request.succeed() }
        remove(app) { result in
            switch result {
            case .success(let garbage): request.succeed(garbage.map { ["garbage": .string($0)] } ?? [:])
            case .failure(let error): request.fail(error)
            }
        }
    }

    /// Where the writable layer is left for the client to delete, which may take long; nil where another was first.
    private typealias Removal = Result<String?, EngineError>

    private func remove(_ app: App, completion: @escaping (Removal) -> Void) {
        switch app.phase {
        case .creating, .starting, .ending, .exited:
            app.settleWaiters.append { [unowned self] in remove(app, completion: completion) }
        case .created, .running:
            stop(app, signal: nil, grace: 0) { [unowned self] in remove(app, completion: completion) }
        case .clean:
            completion(removeRecord(app))
        case .removing:
            // Another caller was first.
            completion(.success(nil))
        }
    }

    private func removeRecord(_ app: App) -> Removal {
        guard apps[app.name] === app else { return .success(nil) }
        do throws(EngineError) {
            app.phase = .removing
            let garbage = try store.discardApp(app.name, of: pod)
            pod.keptExits.forget(app.name)
            apps.removeValue(forKey: app.name)
            publish(.appRemoved(pod: pod.uuid, app.name))
            return .success(garbage)
        } catch {
            app.phase = .clean
            return .failure(error)
        }
    }
}
