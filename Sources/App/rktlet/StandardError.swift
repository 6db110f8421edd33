import Glibc

/// Lines for the person at the console.
enum StandardError {
    static func write(_ line: String) {
        let bytes = Array("rktlet: \(line)\n".utf8)
        // Nobody is left to be told when stderr itself fails.
        _ = Glibc.write(2, bytes, bytes.count)
    }
}
