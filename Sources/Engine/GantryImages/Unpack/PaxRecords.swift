import ByteText
import GantryCore

/// The records of a pax extended header: `LENGTH KEY=VALUE\n` (POSIX.1-2017, pax, "pax Header File Format").
struct PaxRecords {
    var path: [UInt8]?
    var linkPath: [UInt8]?
    var size: Int64?
    var owner: Int64?
    var group: Int64?
    var modified: (seconds: Int64, nanoseconds: Int)?
    /// In order; of equal names the last counted.
    private(set) var attributes: [(name: [UInt8], value: [UInt8], isExact: Bool)] = []
    private var places: [[UInt8]: Int] = [:]
    private var attributeBytes = 0
    var sparse = SparseRecords()

    /// What GNU tar writes about files with holes, in three versions.
    struct SparseRecords {
        var major: Int64?
        var minor: Int64?
        var name: [UInt8]?
        var realSize: Int64?
        /// Offsets and lengths by turns.
        var map: [Int64] = []
    }

    init() {}

    /// - Throws: `invalid` for what is no record, or has a value that makes no sense.
    init(parsing bytes: [UInt8], _ limits: ImageLimits = .standard) throws(EngineError) {
        var rest = bytes[...]
        while let first = rest.first, first != 0 {
            guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
                let length = Decimal.integer(rest[..<space]), length > 0, length <= Int64(rest.count),
                case let end = rest.startIndex + Int(length), end > space + 1, rest[end - 1] == UInt8(ascii: "\n"),
                let equals = rest[(space + 1)..<(end - 1)].firstIndex(of: UInt8(ascii: "="))
            else { throw EngineError(.invalid, "has an extended header that is none") }
            try add(
                String(decoding: rest[(space + 1)..<equals], as: UTF8.self), rest[(space + 1)..<equals],
                rest[(equals + 1)..<(end - 1)], limits)
            rest = rest[end...]
        }
    }

    private mutating func add(
        _ key: String, _ rawKey: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, _ limits: ImageLimits
    )
        throws(EngineError)
    {
        // An empty value takes back what the ordinary header says nothing better about.
        switch key {
        case "path": path = value.isEmpty ? nil : try Self.name(value)
        case "linkpath": linkPath = value.isEmpty ? nil : try Self.name(value)
        case "size": size = try Self.number(key, value)
        case "uid": owner = try Self.number(key, value)
        case "gid": group = try Self.number(key, value)
        case "mtime":
            guard value.isEmpty || Decimal.time(value) != nil else { throw Self.odd(key) }
            modified = Decimal.time(value)
        case "GNU.sparse.major": sparse.major = try Self.number(key, value)
        case "GNU.sparse.minor": sparse.minor = try Self.number(key, value)
        case "GNU.sparse.name": sparse.name = value.isEmpty ? nil : try Self.name(value)
        case "GNU.sparse.realsize", "GNU.sparse.size": sparse.realSize = try Self.number(key, value)
        case "GNU.sparse.offset", "GNU.sparse.numbytes":
            guard let number = try Self.number(key, value) else { throw Self.odd(key) }
            sparse.map.append(number)
        case "GNU.sparse.map":
            sparse.map = []
            for part in value.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                guard let number = Decimal.integer(part), number >= 0 else { throw Self.odd(key) }
                sparse.map.append(number)
            }
        default: try addAttribute(rawKey, value, limits)
        }
    }

    private mutating func addAttribute(
        _ key: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, _ limits: ImageLimits
    ) throws(EngineError) {
        if key.starts(with: "SCHILY.xattr.".utf8) {
            try set(Array(key.dropFirst(13)), Array(value), isExact: true, limits)
        } else if key.starts(with: "LIBARCHIVE.xattr.".utf8),
            let decoded = Base64.decode(String(decoding: value, as: UTF8.self))
        {
            // libarchive writes an attribute both ways; the other one is exact.
            try set(Self.unescaped(key.dropFirst(17)), decoded, isExact: false, limits)
        }
    }

    private mutating func set(
        _ name: [UInt8], _ value: [UInt8], isExact: Bool, _ limits: ImageLimits
    ) throws(EngineError) {
        attributeBytes = attributeBytes.addingSaturating(name.count + value.count)
        guard attributeBytes <= limits.attributeBytes else {
            throw .beyond(limits.attributeBytes, "bytes of extended attributes in an entry")
        }
        if let place = places[name] {
            if isExact || !attributes[place].isExact { attributes[place] = (name, value, isExact) }
            return
        }
        guard attributes.count < limits.attributes else {
            throw .beyond(limits.attributes, "extended attributes in an entry")
        }
        places[name] = attributes.count
        attributes.append((name, value, isExact))
    }

    /// `%41` becomes `A`.
    private static func unescaped(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                result.append(byte)
                continue
            }
            result.append(value)
            rest = rest.dropFirst(2)
        }
        return result
    }

    private static func name(_ value: ArraySlice<UInt8>) throws(EngineError) -> [UInt8] {
        guard !value.contains(0) else { throw EngineError(.invalid, "has an entry with a NUL in its name") }
        return Array(value)
    }

    private static func number(_ key: String, _ value: ArraySlice<UInt8>) throws(EngineError) -> Int64? {
        if value.isEmpty { return nil }
        guard let number = Decimal.integer(value), number >= 0 else { throw odd(key) }
        return number
    }

    private static func odd(_ key: String) -> EngineError {
        EngineError(.invalid, "has an extended header whose \(key.shortened(to: 100)) makes no sense")
    }
}

/// Decimal numbers as archives write them.
enum Decimal {
    /// nil for anything but digits with an optional minus, and for what does not fit.
    static func integer(_ text: some Collection<UInt8>) -> Int64? {
        guard !text.isEmpty, text.count <= 20 else { return nil }
        return Int64(String(decoding: text, as: UTF8.self))
    }

    /// `-12.5`; digits beyond the nanosecond are dropped.
    static func time(_ text: ArraySlice<UInt8>) -> (seconds: Int64, nanoseconds: Int)? {
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, let seconds = integer(whole) else { return nil }
        guard parts.count == 2 else { return (seconds, 0) }
        guard parts[1].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        let digits = parts[1].prefix(9)
        var nanoseconds = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        for _ in digits.count..<9 { nanoseconds *= 10 }
        guard whole.first == UInt8(ascii: "-"), nanoseconds > 0 else { return (seconds, nanoseconds) }
        let (below, overflow) = seconds.subtractingReportingOverflow(1)
        return overflow ? nil : (below, 1_000_000_000 - nanoseconds)
    }
}
