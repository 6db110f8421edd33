import ByteText
import GRPCCore
import GRPCProtobuf
import RequestSyntax
import SwiftProtobuf

/// Decodes a request, after a look at how many fields it has and at the keys of its maps.
///
/// Fifteen MiB of empty elements would take seconds and gigabytes to decode: a request with more than `most` fields is refused before
/// anything is built for one of them.
///
/// SwiftProtobuf's maps are dictionaries of strings, in which two keys that are canonically equivalent (é, and e with U+0301) are one: the
/// second would replace the first without a word. For everybody else they are two. A request with such a pair is refused by name.
package struct RequestDeserializer<Request: SwiftProtobuf.Message>: MessageDeserializer {
    /// Fields, elements and entries of one request, at all depths; those of a kubelet have hundreds.
    private static var most: Int { 100_000 }

    private let places: MapPlaces?

    package init() {
        let name = Request.protoMessageName
        places = MapPlaces.of(request: String(name.cutLast(at: ".")?.after ?? name[...]))
    }

    package func deserialize<Bytes: GRPCContiguousBytes>(_ serializedMessageBytes: Bytes) throws -> Request {
        try serializedMessageBytes.withUnsafeBytes { bytes throws in
            guard try !FieldCounter.exceeds(Self.most, Request.self, bytes) else {
                throw RPCError(
                    code: .invalidArgument,
                    message: "\(Request.protoMessageName): more than \(Self.most) fields, elements of lists "
                        + "and entries of maps; send fewer")
            }
            if let places { try Self.check([bytes], places, "") }
        }
        return try ProtobufDeserializer<Request>().deserialize(serializedMessageBytes)
    }

    /// - Parameter messages: the parts of one message; a field that comes more than once is merged.
    private static func check(
        _ messages: [UnsafeRawBufferPointer], _ places: MapPlaces, _ path: String
    ) throws(RPCError) {
        var maps: [UInt64: [String: ByteString]] = [:]
        var inner: [UInt64: [UnsafeRawBufferPointer]] = [:]
        for message in messages {
            for (number, bytes) in WireFields(message) {
                if let name = places.maps[number] {
                    try add(key(of: bytes), to: &maps[number, default: [:]], path + name)
                } else if places.messages[number] != nil {
                    inner[number, default: []].append(bytes)
                }
            }
        }
        for (number, parts) in inner {
            guard let (name, places) = places.messages[number] else { continue }
            // Mounts are many messages, each with a map of its own.
            let groups = name == "mounts" ? parts.map { [$0] } : [parts]
            for group in groups { try check(group, places, "\(path)\(name).") }
        }
    }

    private static func add(
        _ key: ByteString, to map: inout [String: ByteString], _ path: String
    ) throws(RPCError) {
        if let other = map.updateValue(key, forKey: key.text), other != key {
            throw RPCError(
                code: .invalidArgument,
                message: "\(path): two keys differ in nothing but how Unicode composes them: "
                    + "\(other.text.quotedForMessage) and \(key.text.quotedForMessage); use one of them")
        }
    }

    /// Of a map's entry, whose first field it is; the last one counts.
    private static func key(of entry: UnsafeRawBufferPointer) -> ByteString {
        var key: UnsafeRawBufferPointer?
        for (number, bytes) in WireFields(entry) where number == 1 { key = bytes }
        return ByteString(String(decoding: key ?? UnsafeRawBufferPointer(start: nil, count: 0), as: UTF8.self))
    }
}
