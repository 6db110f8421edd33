import ByteText
import CSystemd
import Glibc

/// The newest entries of the system journal of some kinds.
package struct JournalQuery: Sendable {
    /// One way for an entry to be wanted: all of its fields are as they stand here.
    package typealias Match = [(name: String, value: String)]

    /// Any of these.
    package var any: [Match]
    /// The fields that are wanted of each.
    package var fields: [String]

    package init(any: [Match], fields: [String]) {
        self.any = any
        self.fields = fields
    }

    /// - Parameter most: no more than so many, the newest.
    /// - Returns: the oldest first.
    /// - Throws: ``JournalUnreadable``, ``DedicatedThread/ThreadUnavailable``.
    package func newest(_ most: Int) async throws -> [JournalEntry] {
        let query = self
        return try await DedicatedThread.run {
            JournalSync.wait()
            let reader = try JournalReader.open()
            return try reader.newest(most, query)
        }
    }

    /// The values that a field has in the newest entries, each once, the newest first; no more than so many.
    ///
    /// - Parameters:
    ///   - entries: no more than so many are looked at.
    ///   - isWanted: whether the fields of one make its value count.
    /// - Throws: ``JournalUnreadable``, ``DedicatedThread/ThreadUnavailable``.
    package func newestValues(
        of field: String, most: Int, among entries: Int, where isWanted: @escaping @Sendable ([String: String]) -> Bool
    ) async throws -> [String] {
        let query = self
        return try await DedicatedThread.run {
            JournalSync.wait()
            let reader = try JournalReader.open()
            var values: [String] = []
            var left = entries
            try reader.backwards(query) { entry in
                if let value = entry.fields[field], !values.contains(value), isWanted(entry.fields) {
                    values.append(value)
                }
                left -= 1
                return values.count < most && left > 0
            }
            return values
        }
    }

    /// The values that a field has anywhere in the journal, and that begin so, of entries in which also these fields are as they stand here; no more
    /// than so many.
    ///
    /// - Parameter patience: how long values are looked through: anybody may write down as many as the journal has room for.
    /// - Throws: ``JournalUnreadable``, ``JournalSearchTooLong``, ``DedicatedThread/ThreadUnavailable``.
    package static func values(
        of field: String, beginningWith prefix: String, with others: Match, most: Int, patience: Duration = .seconds(3)
    ) async throws -> [String] {
        try await DedicatedThread.run {
            JournalSync.wait()
            let reader = try JournalReader.open()
            var values: [String] = []
            // The journal's list of values is of all entries, whoever wrote them.
            let found = try reader.values(of: field, beginningWith: prefix, patience: patience)
            for value in found where values.count < most {
                let query = JournalQuery(any: [[(name: field, value: value)] + others], fields: [])
                if try !reader.newest(1, query).isEmpty { values.append(value) }
            }
            return values
        }
    }
}

extension JournalReader {
    /// Bytes of one field that are told; the rest is cut.
    private static let longestField = 4096
    /// Values of one field that are taken, of those that begin as they should.
    private static let mostValues = 1000

    static func open() throws -> JournalReader {
        guard let reader = JournalReader() else { throw JournalUnreadable(code: errno == 0 ? ENOENT : errno) }
        return reader
    }

    func newest(_ most: Int, _ query: JournalQuery) throws -> [JournalEntry] {
        var entries: [JournalEntry] = []
        guard most > 0 else { return [] }
        try backwards(query) { entry in
            entries.append(entry)
            return entries.count < most
        }
        return entries.reversed()
    }

    /// From the newest entry back, until `body` has seen enough.
    func backwards(_ query: JournalQuery, _ body: (JournalEntry) -> Bool) throws {
        sd_journal_flush_matches(handle)
        for (place, match) in query.any.enumerated() {
            if place > 0 { try check(sd_journal_add_disjunction(handle)) }
            for field in match where !add("\(field.name)=\(field.value)") { throw JournalUnreadable(code: EINVAL) }
        }
        try check(sd_journal_seek_tail(handle))
        while true {
            let step = sd_journal_previous(handle)
            try check(step)
            guard step > 0 else { return }
            var microseconds: UInt64 = 0
            // An entry that was just thrown away by the journal is none.
            guard sd_journal_get_realtime_usec(handle, &microseconds) >= 0 else { continue }
            var fields: [String: String] = [:]
            for name in query.fields { fields[name] = value(of: name) }
            guard body(JournalEntry(microseconds: microseconds, fields: fields)) else { return }
        }
    }

    func values(of field: String, beginningWith prefix: String, patience: Duration) throws -> [String] {
        try check(sd_journal_query_unique(handle, field))
        var values: [String] = []
        var data: UnsafeRawPointer?
        var length = 0
        let end = ContinuousClock.now + patience
        while values.count < Self.mostValues {
            guard ContinuousClock.now < end else { throw JournalSearchTooLong(field: field, patience: patience) }
            let step = sd_journal_enumerate_available_unique(handle, &data, &length)
            try check(step)
            guard step > 0, let data else { break }
            let value = Self.text(data, length, behind: field)
            if value.begins(with: prefix) { values.append(value) }
        }
        return values
    }

    private func value(of field: String) -> String? {
        var data: UnsafeRawPointer?
        var length = 0
        guard sd_journal_get_data(handle, field, &data, &length) >= 0, let data else { return nil }
        return Self.text(data, length, behind: field)
    }

    private static func text(_ data: UnsafeRawPointer, _ length: Int, behind field: String) -> String {
        let prefix = field.utf8.count + 1
        guard length > prefix else { return "" }
        let shown = min(length - prefix, longestField)
        return String(decoding: UnsafeRawBufferPointer(start: data + prefix, count: shown), as: UTF8.self)
    }

    private func check(_ status: Int32) throws(JournalUnreadable) {
        guard status >= 0 else { throw JournalUnreadable(code: -status) }
    }
}
