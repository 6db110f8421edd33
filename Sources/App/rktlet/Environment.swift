import ByteText
import Glibc

/// The process's environment, read without Foundation.
enum Environment {
    static func current() -> [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let line = String(cString: text)
            if let (name, value) = line.cut(at: "=") { variables[String(name)] = String(value) }
            entry += 1
        }
        return variables
    }
}
