import ByteText
import CJSONC

/// A tree made by libjson-c. Owns the root handle and frees it once; no pointer into the tree leaves this file.
struct JSONCDocument: ~Copyable {
    private let root: OpaquePointer?
    private let bytes: UnsafeBufferPointer<UInt8>

    deinit {
        if let root { json_object_put(root) }
    }

    /// - Parameter bytes: have passed `JSONLexicalCheck`; must stay valid as long as the document.
    init(parsing bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) throws(JSONError) {
        // libjson-c counts the scalar inside the innermost container as a level of its own.
        guard let tokener = json_tokener_new_ex(Int32(maximumDepth + 1)) else {
            throw JSONError("out of memory", at: 0, in: bytes)
        }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT)

        var value = json_tokener_parse_ex(tokener, bytes.baseAddress, Int32(bytes.count))
        var end = json_tokener_get_parse_end(tokener)
        if json_tokener_get_error(tokener) == json_tokener_continue {
            // A number at the very end may go on: the NUL says that nothing follows.
            value = json_tokener_parse_ex(tokener, "\0", 1)
            end = bytes.count
        }
        let status = json_tokener_get_error(tokener)
        guard status == json_tokener_success else {
            if let value { json_object_put(value) }
            let message =
                status == json_tokener_continue ? "unexpected end" : String(cString: json_tokener_error_desc(status))
            throw JSONError(message, at: end, in: bytes)
        }
        for index in end..<bytes.count where !Self.isSpace(bytes[index]) {
            if let value { json_object_put(value) }
            throw JSONError("something follows the value", at: index, in: bytes)
        }
        self.root = value
        self.bytes = bytes
    }

    /// The whole tree as a value. `shapes` is what `JSONLexicalCheck` counted.
    func value(shapes: [JSONLexicalCheck.ObjectShape]) throws(JSONError) -> JSON {
        var remaining = shapes[...]
        return try value(of: root, shapes: &remaining)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// libjson-c's `null` is a nil handle.
    private func value(
        of node: OpaquePointer?, shapes: inout ArraySlice<JSONLexicalCheck.ObjectShape>
    ) throws(JSONError) -> JSON {
        switch json_object_get_type(node) {
        case json_type_null: return .null
        case json_type_boolean: return .bool(json_object_get_boolean(node) != 0)
        case json_type_double: return .double(json_object_get_double(node))
        case json_type_int: return integer(of: node)
        case json_type_string: return .string(try text(of: node))
        case json_type_array: return .array(try elements(of: node, shapes: &shapes))
        case json_type_object: return .object(try members(of: node, shapes: &shapes))
        default: throw JSONError("value of an unknown type", at: 0, in: bytes)
        }
    }

    private func integer(of node: OpaquePointer?) -> JSON {
        // Each getter saturates at its own range: the unsigned one answers 0 for negative numbers.
        let unsigned = json_object_get_uint64(node)
        return unsigned > UInt64(Int64.max) ? .unsigned(unsigned) : .integer(json_object_get_int64(node))
    }

    private func text(of node: OpaquePointer?) throws(JSONError) -> String {
        guard let start = json_object_get_string(node) else {
            throw JSONError("out of memory", at: 0, in: bytes)
        }
        // The length counts NUL characters, which `String(cString:)` would stop at.
        let count = Int(json_object_get_string_len(node))
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private func elements(
        of node: OpaquePointer?, shapes: inout ArraySlice<JSONLexicalCheck.ObjectShape>
    ) throws(JSONError) -> [JSON] {
        let count = json_object_array_length(node)
        var result: [JSON] = []
        result.reserveCapacity(count)
        for index in 0..<count {
            result.append(try value(of: json_object_array_get_idx(node, index), shapes: &shapes))
        }
        return result
    }

    /// Members come in the order of the text, as the shapes do: with a repeated key the outermost object that has one is met first.
    private func members(
        of node: OpaquePointer?, shapes: inout ArraySlice<JSONLexicalCheck.ObjectShape>
    ) throws(JSONError) -> [String: JSON] {
        let count = Int(json_object_object_length(node))
        let shape = shapes.popFirst()
        guard shape?.members == count else {
            throw JSONError("an object has a key twice", at: shape?.offset ?? 0, in: bytes)
        }
        var result = [String: JSON](minimumCapacity: count)
        var entry = json_object_get_object(node)?.pointee.head
        while let current = entry {
            guard let key = current.pointee.k else { break }
            let name = String(cString: key.assumingMemoryBound(to: CChar.self))
            let child = current.pointee.v.map { OpaquePointer(UnsafeMutableRawPointer(mutating: $0)) }
            result[name] = try value(of: child, shapes: &shapes)
            entry = current.pointee.next
        }
        // Swift compares strings by canonical equivalence: two spellings of one accented letter are the same key here.
        guard result.count == count else {
            throw JSONError(
                "an object has a key twice, but for how Unicode composes it", at: shape?.offset ?? 0, in: bytes)
        }
        return result
    }
}
