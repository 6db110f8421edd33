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

    /// The values that a field has anywhere in the journal, and that begin so; no more than so many.
    ///
    /// - Throws: ``JournalUnreadable``, ``DedicatedThread/ThreadUnavailable``.
    package static func values(of field: String, beginningWith prefix: String, most: Int) async throws -> [String] {
        try await DedicatedThread.run {
            JournalSync.wait()
            let reader = try JournalReader.open()
            return try reader.values(of: field, beginningWith: prefix, most: most)
        }
    }
}

extension JournalReader {
    /// Bytes of one field that are told; the rest is cut.
    private static let longestField = 4096

    static func open() throws -> JournalReader {
        guard let reader = JournalReader() else { throw JournalUnreadable(code: errno == 0 ? ENOENT : errno) }
        return reader
    }

    func newest(_ most: Int, _ query: JournalQuery) throws -> [JournalEntry] {
        for (place, match) in query.any.enumerated() {
            if place > 0 { try check(sd_journal_add_disjunction(handle)) }
            for field in match where !add("\(field.name)=\(field.value)") { throw JournalUnreadable(code: EINVAL) }
        }
        try check(sd_journal_seek_tail(handle))
        var entries: [JournalEntry] = []
        while entries.count < most {
            let step = sd_journal_previous(handle)
            try check(step)
            guard step > 0 else { break }
            var microseconds: UInt64 = 0
            // An entry that was just thrown away by the journal is none.
            guard sd_journal_get_realtime_usec(handle, &microseconds) >= 0 else { continue }
            var fields: [String: String] = [:]
            for name in query.fields { fields[name] = value(of: name) }
            entries.append(JournalEntry(microseconds: microseconds, fields: fields))
        }
        return entries.reversed()
    }

    func values(of field: String, beginningWith prefix: String, most: Int) throws -> [String] {
        try check(sd_journal_query_unique(handle, field))
        var values: [String] = []
        var data: UnsafeRawPointer?
        var length = 0
        while values.count < most {
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
