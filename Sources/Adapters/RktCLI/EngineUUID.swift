import ByteText
import Domain

/// The engine's name for a pod. It stays inside the adapter: clients see the pod id.
struct EngineUUID: Hashable, Sendable, CustomStringConvertible {
    let description: String

    /// The first half of the pod id, in the form of a UUID: no table is needed to find a pod again.
    init(_ pod: PodID) {
        var bytes: [UInt8] = []
        for (index, digit) in pod.rawValue.utf8.prefix(32).enumerated() {
            if [8, 12, 16, 20].contains(index) { bytes.append(UInt8(ascii: "-")) }
            bytes.append(digit)
        }
        description = String(decoding: bytes, as: UTF8.self)
    }

    /// What the id of the pod begins with whose UUID this is.
    var podIDPrefix: String { description.words(at: "-").joined() }

    /// One that the engine chose; nil unless it looks like a UUID.
    init?(_ text: String) {
        let parts = text.pieces(at: "-")
        guard parts.map(\.byteCount) == [8, 4, 4, 4, 12],
            parts.allSatisfy({ $0.lowercasedASCII.isLowerHex })
        else { return nil }
        description = text
    }
}
