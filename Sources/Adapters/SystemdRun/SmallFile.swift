import Glibc

/// A file of the kernel's or of systemd's, of few lines.
enum SmallFile {
    private static let largest = 16 << 10

    /// Its beginning; empty where it cannot be read.
    static func text(_ path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: largest)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[0..<count], as: UTF8.self)
    }
}
