import Domain
import JSON

/// An app as rkt's `app status` tells of it. Times are in nanoseconds.
enum RktApp {
    /// systemd's code for a program that could not be executed: rkt's `app start` succeeds all the same.
    static let execFailed: Int32 = 203
    /// - Parameter marks: what the daemon did to the app. rkt reports a signal by its bare number, like an exit code: only a number that was
    ///   sent is taken for one.
    static func container(_ json: JSON, marks: RktAppMarks.Marks = .init()) throws(CodecError) -> Container? {
        let fields = try JSONFields(json, path: "app")
        guard let text = try fields.stringMap("user_annotations")[ContainerAnnotation.key] else { return nil }
        let annotation: ContainerAnnotation
        let decoded = try RktAnnotation.decode(text)
        do { annotation = try ContainerAnnotation(text: decoded) } catch {
            throw (error as? CodecError) ?? CodecError(path: ContainerAnnotation.key, expected: "JSON (\(error))")
        }
        let state = ContainerState(rawValue: try fields.string("state")) ?? .unknown
        var container = Container(
            id: annotation.id, podID: annotation.podID, config: annotation.config, imageID: annotation.imageID,
            logPath: annotation.logPath, state: state, createdAt: annotation.createdAt,
            startedAt: Timestamp(nanoseconds: try fields.integer("started_at")),
            exit: state == .exited ? try exit(fields, marks) : nil, stopSignal: annotation.config.stopSignal ?? .term)
        container.resources = RktLimits.inForce(annotation.config.resources)
        return container
    }

    /// rkt leaves fields out that are 0: an exited app without a code ended with 0.
    private static func exit(_ fields: JSONFields, _ marks: RktAppMarks.Marks) throws(CodecError) -> ContainerExit {
        let finished = Timestamp(nanoseconds: try fields.integer("finished_at"))
        let raw = try fields.integer("exit_code", as: Int32.self)
        if raw == execFailed, marks.isStartFailed || marks.isStarting {
            return ContainerExit(
                finishedAt: finished, code: 128, reason: "StartError", message: "the command cannot be executed")
        }
        let code = marks.signals.contains(raw) ? 128 + raw : raw
        return ContainerExit(finishedAt: finished, code: code, reason: code == 0 ? "Completed" : "Error")
    }
}
