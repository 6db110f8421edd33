extension JSON {
    /// Reads one JSON value from text: strictly RFC 8259 in UTF-8, nothing but white space around it, no key twice in an object, no
    /// number out of range. An unpaired surrogate escape becomes U+FFFD.
    /// - Throws: `JSONError` with the place of the first offence.
    package init(parsing text: String, limits: JSONLimits = .default) throws(JSONError) {
        var text = text
        let result = text.withUTF8 { bytes in
            Result { () throws(JSONError) in try Self.parse(bytes, limits: limits) }
        }
        self = try result.get()
    }

    /// Reads one JSON value from bytes; see `init(parsing: String)`.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        let result = bytes.withUnsafeBufferPointer { bytes in
            Result { () throws(JSONError) in try Self.parse(bytes, limits: limits) }
        }
        self = try result.get()
    }

    /// Reads one JSON value from bytes; see `init(parsing: String)`.
    package init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits = .default) throws(JSONError) {
        let result = bytes.withMemoryRebound(to: UInt8.self) { bytes in
            Result { () throws(JSONError) in try Self.parse(bytes, limits: limits) }
        }
        self = try result.get()
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) throws(JSONError) -> JSON {
        guard bytes.count <= limits.maximumSize else {
            throw JSONError("longer than \(limits.maximumSize) bytes", at: 0, in: bytes)
        }
        guard !bytes.isEmpty else { throw JSONError("no value", at: 0, in: bytes) }
        try checkUTF8(bytes)
        var check = JSONLexicalCheck(bytes, limits)
        let shapes = try check.run()
        let document = try JSONCDocument(parsing: bytes, maximumDepth: limits.maximumDepth)
        return try document.value(shapes: shapes)
    }

    private static func checkUTF8(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw JSONError("not UTF-8", at: error.byteOffsets.lowerBound, in: bytes)
        }
    }
}
