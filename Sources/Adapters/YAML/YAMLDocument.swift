import CYAML

/// Reads YAML with libyaml, event by event: what is too much is refused before it is held.
package enum YAMLDocument {
    /// The one document of a text; nil where there is none.
    ///
    /// Time and memory grow with the text's length and no faster, whatever is in it (``YAMLLimits``).
    ///
    /// - Throws: ``YAMLError`` for what is not YAML, for a second document and beyond the limits.
    package static func read(
        _ text: some Sequence<UInt8>, limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLNode? {
        let bytes = Array(text)
        try refuseTagDirectives(bytes)
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else {
            throw YAMLError(message: "no memory for it", line: 1, column: 1)
        }
        defer { yaml_parser_delete(&parser) }
        yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
        let result: Result<YAMLNode?, YAMLError> = bytes.withUnsafeBufferPointer { bytes in
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            do throws(YAMLError) {
                return .success(try read(&parser, limits))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// libyaml holds each `%TAG` against all before it, and copies its prefix for each tag: both grow with the square of the text.
    ///
    /// It takes one at the start of a line, whatever of YAML 1.1's ends of lines is before it; their last bytes are enough here.
    private static func refuseTagDirectives(_ bytes: [UInt8]) throws(YAMLError) {
        var line = 1
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\n") { line += 1 }
            guard byte == UInt8(ascii: "%"), index == 0 || Self.lastBytesOfBreaks.contains(bytes[index - 1]) else {
                continue
            }
            guard !bytes[(index + 1)...].starts(with: "TAG".utf8) else {
                throw YAMLError(message: "a %TAG directive; none is taken", line: line, column: 1)
            }
        }
    }

    /// CR and LF, NEL (C2 85), LS and PS (E2 80 A8, A9), and of the byte order mark (EF BB BF).
    private static let lastBytesOfBreaks: [UInt8] = [0x0D, 0x0A, 0x85, 0xA8, 0xA9, 0xBF]

    private static func read(_ parser: inout yaml_parser_t, _ limits: YAMLLimits) throws(YAMLError) -> YAMLNode? {
        var composer = YAMLComposer(limits: limits)
        var documents = 0
        while true {
            var event = try next(&parser)
            defer { yaml_event_delete(&event) }
            switch event.type {
            case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
            case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return composer.root
            case YAML_DOCUMENT_START_EVENT:
                documents += 1
                continue
            default: break
            }
            guard documents == 1 else {
                throw error("a second document; one is all that is read", at: event.start_mark)
            }
            try composer.take(event)
        }
    }

    private static func next(_ parser: inout yaml_parser_t) throws(YAMLError) -> yaml_event_t {
        var event = yaml_event_t()
        guard yaml_parser_parse(&parser, &event) == 1 else {
            let problem = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
            throw error(problem, at: parser.problem_mark)
        }
        return event
    }

    static func error(_ message: String, at mark: yaml_mark_t) -> YAMLError {
        YAMLError(message: message, line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1)
    }
}
