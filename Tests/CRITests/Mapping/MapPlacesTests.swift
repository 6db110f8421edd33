import Testing

@testable import CRI

/// Foundation is not needed to read one file of the repository.
#if canImport(Glibc)
import Glibc
#endif

@Suite("The table of maps in requests", .timeLimit(.minutes(10)))
struct MapPlacesTests {
    @Test("has every map of every request of the proto, and nothing else")
    func whole() throws {
        let proto = try Proto()
        #expect(proto.requests.count == 43)
        for request in proto.requests {
            let places = MapPlaces.of(request: request)
            #expect(Set(places.map { Self.paths($0) } ?? []) == Set(proto.maps(in: request)), "\(request)")
        }
    }

    /// `1.config/6:labels`.
    private static func paths(_ places: MapPlaces) -> [String] {
        places.maps.map { "\($0.key):\($0.value)" }
            + places.messages.flatMap { number, message in
                paths(message.places).map { "\(number).\(message.name)/\($0)" }
            }
    }
}

/// As much of the CRI's proto as tells where maps are.
private struct Proto {
    private struct Field {
        let type: String
        let name: String
        let number: UInt64
    }

    private var messages: [String: [Field]] = [:]
    /// The types of the RPCs' requests.
    private(set) var requests: [String] = []

    init() throws {
        let root = "\(#filePath)".split(separator: "/").dropLast(4).joined(separator: "/")
        let path = "/\(root)/Sources/Transport/CRI/Proto/runtime/v1/api.proto"
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var open: [String] = []
        var line: UnsafeMutablePointer<CChar>?
        var room = 0
        defer { free(line) }
        while getline(&line, &room, file) > 0 {
            guard let text = line.map({ String(cString: $0) }) else { continue }
            let words = text.prefix { $0 != "/" }.replacing(";", with: " ").replacing("(", with: " ( ")
                .replacing(", ", with: ",").split { $0 == " " || $0 == "\n" || $0 == "\t" }.map(String.init)
            switch words.first {
            case "message", "service", "enum", "oneof": if words.last != "}" { open.append(words[1]) }
            case "}": open.removeLast()
            case "rpc": requests.append(words[3].replacing(")", with: ""))
            default: read(words, in: open)
            }
        }
    }

    private mutating func read(_ words: [String], in open: [String]) {
        let words = words.first == "repeated" || words.first == "optional" ? Array(words.dropFirst()) : words
        guard let message = open.last, words.count >= 4, words[2] == "=", let number = UInt64(words[3]) else { return }
        messages[message, default: []].append(Field(type: words[0], name: words[1], number: number))
    }

    /// In the form of the table.
    func maps(in message: String) -> [String] {
        (messages[message] ?? []).flatMap { field -> [String] in
            if field.type.hasPrefix("map<") { return ["\(field.number):\(field.name)"] }
            return maps(in: field.type).map { "\(field.number).\(field.name)/\($0)" }
        }
    }
}
