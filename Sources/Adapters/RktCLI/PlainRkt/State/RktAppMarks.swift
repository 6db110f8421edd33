import ByteText
import Domain
import Synchronization

/// What the daemon knows of apps and rkt does not tell, kept over a restart: a file for each app.
final class RktAppMarks: Sendable {
    struct Marks: Equatable, Sendable {
        /// Its `app add` failed; rkt lists it all the same until it can be removed.
        var isFailed = false
        /// It was stopped before it was started: rkt would go on calling it created.
        var stoppedUnstarted: Timestamp?
        /// Its program could not be executed: rkt's code for that may be a program's own as well.
        var isStartFailed = false
        /// It is being started just now: whoever looks meanwhile takes that code for a failed start too. Not kept over a restart.
        var isStarting = false
        /// The signals that were sent to it.
        var signals: Set<Int32> = []

        var lines: [String] {
            var lines = signals.sorted().map { "signal \($0)" }
            if isFailed { lines.append("failed") }
            if isStartFailed { lines.append("unstartable") }
            if let stoppedUnstarted { lines.append("stopped \(stoppedUnstarted.nanoseconds)") }
            return lines
        }

        init() {}

        init(_ lines: [String]) {
            for line in lines {
                let words = line.words(at: " ")
                switch (words.first.map(String.init), words.dropFirst().first.map(String.init)) {
                case ("failed"?, nil): isFailed = true
                case ("unstartable"?, nil): isStartFailed = true
                case ("stopped"?, let text?): stoppedUnstarted = Int64(digits: text).map(Timestamp.init(nanoseconds:))
                case ("signal"?, let text?): if let number = Int32(digits: text) { signals.insert(number) }
                default: break
                }
            }
        }
    }

    private let directory: RktStateDirectory
    private let known = Mutex<[EngineUUID: [String: Marks]]>([:])

    init(_ directory: RktStateDirectory) { self.directory = directory }

    func marks(of app: String, in pod: EngineUUID) -> Marks { known.withLock { load(pod, &$0)[app] ?? Marks() } }

    /// - Throws: why it cannot be kept.
    func change(_ app: String, in pod: EngineUUID, _ change: (inout Marks) -> Void) throws(DomainError) {
        let result = known.withLock { known -> Result<Void, DomainError> in
            var marks = load(pod, &known)[app] ?? Marks()
            let before = marks
            change(&marks)
            guard marks != before else { return .success(()) }
            known[pod]?[app] = marks
            return Result { () throws(DomainError) in try directory.write(marks.lines, to: "\(Self.name(pod))/\(app)") }
        }
        try result.get()
    }

    func forget(_ app: String, in pod: EngineUUID) {
        known.withLock { known in
            known[pod]?[app] = nil
            directory.remove("\(Self.name(pod))/\(app)")
        }
    }

    func forget(_ pod: EngineUUID) {
        known.withLock { known in
            known[pod] = nil
            directory.removeDirectory(Self.name(pod))
        }
    }

    private func load(_ pod: EngineUUID, _ known: inout [EngineUUID: [String: Marks]]) -> [String: Marks] {
        if let apps = known[pod] { return apps }
        var apps: [String: Marks] = [:]
        for app in directory.names(Self.name(pod)) {
            apps[app] = Marks(directory.lines("\(Self.name(pod))/\(app)"))
        }
        known[pod] = apps
        return apps
    }

    private static func name(_ pod: EngineUUID) -> String { "apps/\(pod)" }
}
