import Glibc
import JSON

@testable import GantryCore

/// Collects the lines of a stream as a reader would, and keeps its position.
final class Reader {
    var lines: [JSON] = []
    /// Stops the stream, as a reader that was killed, once this many lines have come.
    var killAfter = Int.max
    private var at: [String: JSON] = [:]

    var sink: EventStream.Sink {
        { [self] (line) throws(EngineError) in
            if lines.count >= killAfter { throw EngineError(.internal, "killed") }
            let parsed = try? JSON(parsing: UnsafeRawBufferPointer(rebasing: line.dropLast()))
            let line = parsed ?? .string("not JSON: \(String(decoding: line, as: UTF8.self))")
            lines.append(line)
            if line["type"] == "snapshot" { at = [:] }
            for (name, value) in line["at"]?.objectValue ?? [:] {
                if value.isNull { at.removeValue(forKey: name) } else { at[name] = value }
            }
        }
    }

    /// Behind the last line.
    func position() throws -> EventPosition { try EventPosition(json: .object(at)) }

    var types: [String] { lines.compactMap { $0["type"]?.stringValue } }
    /// The names of apps that were removed, which tests tell events apart by.
    var names: [String] { lines.filter { $0["type"] == "app-removed" }.compactMap { $0["name"]?.stringValue } }
}

extension PodEventLog {
    /// An event that is told apart by a name.
    @discardableResult
    func append(named name: String, of pod: PodUUID) throws -> UInt64 {
        try append(.appRemoved(pod: pod, AppName(name)))
    }
}
