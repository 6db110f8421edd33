import JSON

/// The protocol of a supervisor's control socket (`docs/engine.md`, *Control socket*).
package enum ControlProtocol {
    /// What this engine speaks, both ends included.
    package static let versions: ClosedRange<Int64> = 1...2
    /// What requests are in that need nothing of a later one.
    package static let ordinary: Int64 = 1
    /// From which on a supervisor knows sessions: it tells when a command has started, and takes clients of an app's own streams.
    package static let sessions: Int64 = 2
    /// Of one message, in bytes.
    package static let maximumLength = 16 << 20
    package static let headerLength = 4
    package static let socketName = "control.sock"

    /// The newest protocol that this engine and one that speaks `lowest` to `highest` both know.
    static func common(with lowest: Int64, _ highest: Int64, own: ClosedRange<Int64> = versions) -> Int64? {
        let version = min(highest, own.upperBound)
        return version >= max(lowest, own.lowerBound) ? version : nil
    }

    package static func frame(_ message: JSON) -> [UInt8] {
        let body = message.serialized()
        let count = UInt32(truncatingIfNeeded: body.utf8.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerLength + body.utf8.count)
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: count >> UInt32(shift))) }
        bytes.append(contentsOf: body.utf8)
        return bytes
    }

    /// The length that a header announces; nil for one that is too long.
    package static func length(_ header: some Collection<UInt8>) -> Int? {
        let length = header.prefix(headerLength).reduce(0) { $0 << 8 | Int($1) }
        return length <= maximumLength ? length : nil
    }

    /// A request's document.
    static func parse(_ bytes: [UInt8]) throws(EngineError) -> JSON {
        do {
            return try JSON(parsing: bytes)
        } catch {
            throw EngineError(.invalid, "control request: is not JSON: \(error)")
        }
    }

    package static func success(_ members: [String: JSON] = [:]) -> JSON {
        var members = members
        members["ok"] = true
        return .object(members)
    }

    package static func failure(_ error: EngineError) -> JSON {
        ["ok": false, "error": .object(error.fields.mapValues { .string($0) })]
    }

    /// The members of a response.
    /// - Throws: the error that it carries.
    package static func unwrap(_ response: JSON) throws(EngineError) -> JSON {
        if response["ok"]?.boolValue == true { return response }
        let code = EngineError.Code(rawValue: response["error"]?["code"]?.stringValue ?? "") ?? .internal
        throw EngineError(
            code, response["error"]?["message"]?.stringValue ?? "the supervisor answered without saying what is wrong")
    }
}
