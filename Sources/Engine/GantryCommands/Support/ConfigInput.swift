import GantryCore
import Glibc
import JSON

/// A document from a file, or from standard input with `-`.
enum ConfigInput {
    /// - Parameter kind: of document, for errors.
    static func read(_ name: String, title kind: String = "configuration") throws(EngineError) -> JSON {
        let limit = 16 << 20
        let title = name == "-" ? "standard input" : name
        let bytes: [UInt8]
        do throws(EngineError) {
            bytes = name == "-" ? try Files.readAll(0, limit: limit, name: title) : try Files.read(name, limit: limit)
        } catch {
            throw error.prefixed(kind)
        }
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw EngineError(.invalid, "\(kind) \(title): \(error)")
        }
    }
}
