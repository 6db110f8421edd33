import GantryCore
import Glibc
import JSON

/// A configuration document from a file, or from standard input with `-`.
enum ConfigInput {
    static func read(_ name: String) throws(EngineError) -> JSON {
        let limit = 16 << 20
        let title = name == "-" ? "standard input" : name
        let bytes: [UInt8]
        do throws(EngineError) {
            bytes = name == "-" ? try Files.readAll(0, limit: limit, name: title) : try Files.read(name, limit: limit)
        } catch {
            throw error.prefixed("configuration")
        }
        do throws(JSONError) {
            return try JSON(parsing: bytes)
        } catch {
            throw EngineError(.invalid, "configuration \(title): \(error)")
        }
    }
}
