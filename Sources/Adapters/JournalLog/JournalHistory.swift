import ByteText
import Domain
import Systemd

/// The pods' past, from the system journal: what the daemon wrote down with a pod's id (``CallFields``), what the pod's unit printed, and what systemd
/// said of the unit.
///
/// Anybody may write to the journal: what counts as the daemon's and the unit's is what the journal itself knows to be root's (systemd.journal-fields(7),
/// the fields with an underscore).
package struct JournalHistory: PodHistory {
    private static let identifier = "rktlet"
    private static let ofRoot = (name: "_UID", value: "0")
    private static let ofTheDaemon = [(name: "SYSLOG_IDENTIFIER", value: identifier), ofRoot]
    private static let podField = JournalLogHandler.fieldName(of: CallFields.pod)
    private static let nameField = JournalLogHandler.fieldName(of: CallFields.name)
    private static let methodField = JournalLogHandler.fieldName(of: CallFields.method)
    /// Lines that are looked at for the pods of one name: not each has an id, since a request that was refused has made no pod.
    private static let mostOfOneName = 100_000

    private let unitOf: @Sendable (PodID) -> String

    /// - Parameter unitOf: the unit of a pod, also of one that is gone.
    package init(unitOf: @escaping @Sendable (PodID) -> String) {
        self.unitOf = unitOf
    }

    package func lines(of pod: PodID, most: Int) async throws(DomainError) -> [HistoryLine] {
        let unit = unitOf(pod)
        let query = JournalQuery(
            any: [
                [(name: Self.podField, value: pod.rawValue)] + Self.ofTheDaemon,
                [(name: "_SYSTEMD_UNIT", value: unit), Self.ofRoot],
                [(name: "UNIT", value: unit), (name: "_PID", value: "1")],
            ],
            fields: ["MESSAGE", "PRIORITY", "_PID", "UNIT", Self.podField]
                + CallFields.all.map(JournalLogHandler.fieldName))
        return try await reading { try await query.newest(most) }.map { Self.line($0, of: pod) }
    }

    package func pods(beginningWith prefix: String, most: Int) async throws(DomainError) -> [PodID] {
        try await reading {
            try await JournalQuery.values(
                of: Self.podField, beginningWith: prefix, with: Self.ofTheDaemon, most: most)
        }.compactMap(PodID.init)
    }

    package func pods(called name: String, most: Int) async throws(DomainError) -> [PodID] {
        let query = JournalQuery(
            any: [[(name: Self.nameField, value: name)] + Self.ofTheDaemon], fields: [Self.podField, Self.methodField])
        return try await reading {
            try await query.newestValues(of: Self.podField, most: most, among: Self.mostOfOneName) { fields in
                // Images and containers are called somehow, too: a name is a pod's where it was made, or the daemon speaks of its own.
                fields[Self.methodField].map(HistoryLine.Call.makesPod) ?? true
            }
        }.compactMap(PodID.init)
    }

    private func reading<Value>(_ body: () async throws -> Value) async throws(DomainError) -> Value {
        do {
            return try await body()
        } catch let error as JournalSearchTooLong {
            throw DomainError(.deadlineExceeded, "\(error); ask by the whole id, or by NAMESPACE/NAME")
        } catch {
            throw DomainError(.unavailable, "\(error)")
        }
    }

    // MARK: Lines

    static func line(_ entry: JournalEntry, of pod: PodID) -> HistoryLine {
        let priority = entry.fields["PRIORITY"].flatMap { Int64(digits: $0) } ?? Int64(JournalPriority.info.rawValue)
        let nanoseconds = entry.microseconds.multipliedReportingOverflow(by: 1000)
        var line = HistoryLine(
            at: Timestamp(nanoseconds: nanoseconds.overflow ? .max : Int64(clamping: nanoseconds.partialValue)),
            source: .unit, isProblem: priority <= Int64(JournalPriority.warning.rawValue),
            text: entry.fields["MESSAGE"] ?? "")
        if entry.fields[podField] != nil {
            line.source = .daemon
            line.text = line.text.replacing(text: " \(CallFields.pod)=\(pod)", with: "")
            line.call = call(entry)
        } else if entry.fields["UNIT"] != nil {
            line.source = .systemd
        }
        return line
    }

    private static func call(_ entry: JournalEntry) -> HistoryLine.Call? {
        func text(_ key: String) -> String { entry.fields[JournalLogHandler.fieldName(of: key)] ?? "" }
        guard !text(CallFields.method).isEmpty else { return nil }
        return HistoryLine.Call(
            method: text(CallFields.method), code: text(CallFields.code),
            hasFailed: text(CallFields.outcome).isSame(as: CallFields.failed),
            milliseconds: text(CallFields.milliseconds), steps: text(CallFields.steps), name: text(CallFields.name),
            container: ContainerID(text(CallFields.container)), error: text(CallFields.error))
    }
}
