@testable import GantryImages

/// Writes ustar archives with pax headers, right or wrong as told.
struct TarBuilder {
    private(set) var bytes: [UInt8] = []

    mutating func file(
        _ name: String, _ content: String = "", mode: Int = 0o644, owner: Int = 0, attributes: [String: String] = [:]
    ) {
        pax(attributes.map { ("SCHILY.xattr.\($0.key)", $0.value) })
        entry(name, type: "0", mode: mode, owner: owner, content: Array(content.utf8))
    }

    mutating func directory(
        _ name: String, mode: Int = 0o755, time: Int = 1_000_000, attributes: [String: String] = [:]
    ) {
        pax(attributes.map { ("SCHILY.xattr.\($0.key)", $0.value) })
        entry(name, type: "5", mode: mode, time: time)
    }

    mutating func symbolicLink(_ name: String, to target: String) { entry(name, type: "2", mode: 0o777, link: target) }

    mutating func hardLink(_ name: String, to target: String) { entry(name, type: "1", link: target) }

    mutating func device(_ name: String, major: Int, minor: Int) {
        entry(name, type: "3", mode: 0o666, device: (major, minor))
    }

    mutating func fifo(_ name: String) { entry(name, type: "6") }

    mutating func pax(_ records: [(String, String)]) {
        guard !records.isEmpty else { return }
        var body: [UInt8] = []
        for (key, value) in records.sorted(by: { $0.0 < $1.0 }) {
            let rest = " \(key)=\(value)\n".utf8.count
            var length = rest + 1
            while "\(length)".utf8.count + rest != length { length = "\(length)".utf8.count + rest }
            body += Array("\(length) \(key)=\(value)\n".utf8)
        }
        entry("PaxHeaders/x", type: "x", content: body)
    }

    /// With names in any bytes.
    mutating func rawPax(_ records: [([UInt8], [UInt8])]) {
        var body: [UInt8] = []
        for (key, value) in records {
            let rest = key.count + value.count + 3
            var length = rest + 1
            while "\(length)".utf8.count + rest != length { length = "\(length)".utf8.count + rest }
            body += Array("\(length) ".utf8) + key + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
        }
        entry("PaxHeaders/x", type: "x", content: body)
    }

    mutating func rawEntry(_ name: [UInt8], type: Character, link: [UInt8] = []) {
        let start = bytes.count
        entry("", type: type)
        bytes.replaceSubrange(start..<(start + name.count), with: name)
        bytes.replaceSubrange((start + 157)..<(start + 157 + link.count), with: link)
        seal(start)
    }

    /// Computes the checksum of the header at `start`.
    mutating func seal(_ start: Int) {
        bytes.replaceSubrange((start + 148)..<(start + 156), with: Array("        ".utf8))
        let sum = bytes[start..<(start + 512)].reduce(0) { $0 + Int($1) }
        let digits = String(sum, radix: 8)
        let text = String(repeating: "0", count: 6 - digits.count) + digits + "\u{0} "
        bytes.replaceSubrange((start + 148)..<(start + 156), with: Array(text.utf8))
    }

    mutating func entry(
        _ name: String, type: Character, mode: Int = 0o644, owner: Int = 0, time: Int = 1_000_000, link: String = "",
        content: [UInt8] = [], device: (Int, Int) = (0, 0)
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        func octal(_ value: Int, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(String(name.prefix(100)), at: 0)
        put(octal(mode, 7), at: 100)
        put(octal(owner, 7), at: 108)
        put(octal(owner, 7), at: 116)
        put(octal(content.count, 11), at: 124)
        put(octal(time, 11), at: 136)
        put("        ", at: 148)
        put(String(type), at: 156)
        put(String(link.prefix(100)), at: 157)
        put("ustar\u{0}00", at: 257)
        put(octal(device.0, 7), at: 329)
        put(octal(device.1, 7), at: 337)
        put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
        bytes += header + content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    func finished() -> [UInt8] { bytes + [UInt8](repeating: 0, count: 1024) }
}
