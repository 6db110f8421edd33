import CSystemd

/// A message in or out. Borrowed: valid while its owner holds the reference.
///
/// Reading goes through the body in order; each read answers nil when the body has another shape.
struct BusMessage {
    let handle: OpaquePointer

    // MARK: Head

    var replyCookie: UInt64? {
        var cookie: UInt64 = 0
        return sd_bus_message_get_reply_cookie(handle, &cookie) >= 0 ? cookie : nil
    }

    var path: String? { sd_bus_message_get_path(handle).map { String(cString: $0) } }
    var interface: String? { sd_bus_message_get_interface(handle).map { String(cString: $0) } }
    var member: String? { sd_bus_message_get_member(handle).map { String(cString: $0) } }

    /// Name and text of an error reply; nil for anything else.
    var error: (name: String, message: String)? {
        guard let error = sd_bus_message_get_error(handle), let name = error.pointee.name else { return nil }
        return (String(cString: name), error.pointee.message.map { String(cString: $0) } ?? "")
    }

    var isMethodCall: Bool { sd_bus_message_is_method_call(handle, nil, nil) > 0 }

    // MARK: Reading

    /// Of type `s`, `o` or `g`.
    func string(_ type: Character = "s") -> String? {
        var value: UnsafePointer<CChar>?
        guard read(type, &value), let value else { return nil }
        return String(cString: value)
    }

    func uint32() -> UInt32? {
        var value: UInt32 = 0
        return read("u", &value) ? value : nil
    }

    func int32() -> Int32? {
        var value: Int32 = 0
        return read("i", &value) ? value : nil
    }

    func byte() -> UInt8? {
        var value: UInt8 = 0
        return read("y", &value) ? value : nil
    }

    private func read<T>(_ type: Character, _ value: inout T) -> Bool {
        withUnsafeMutablePointer(to: &value) { sd_bus_message_read_basic(handle, Self.code(type), $0) > 0 }
    }

    /// Calls `body` for each element of an array; answers false when this is no such array.
    func forEach(of contents: String, _ body: () -> Bool) -> Bool {
        guard enter("a", contents) else { return false }
        while sd_bus_message_at_end(handle, 0) == 0 {
            guard body() else { return false }
        }
        return exit()
    }

    func enter(_ type: Character, _ contents: String) -> Bool {
        sd_bus_message_enter_container(handle, Self.code(type), contents) > 0
    }

    func exit() -> Bool { sd_bus_message_exit_container(handle) >= 0 }

    func skip(_ types: String) -> Bool { sd_bus_message_skip(handle, types) >= 0 }

    /// The members of an `a{sv}`: `body` reads the variant or skips it.
    func forEachProperty(_ body: (String) -> Bool) -> Bool {
        forEach(of: "{sv}") {
            guard enter("e", "sv"), let name = string(), body(name) else { return false }
            return exit()
        }
    }

    /// The value of a variant of the given type.
    func variant<T>(_ contents: String, _ body: () -> T?) -> T? {
        guard enter("v", contents), let value = body(), exit() else { return nil }
        return value
    }

    // MARK: Writing

    func append(_ text: String) -> Bool {
        text.withCString { sd_bus_message_append_basic(handle, Self.code("s"), $0) >= 0 }
    }

    func append(_ number: Int32) -> Bool {
        withUnsafePointer(to: number) { sd_bus_message_append_basic(handle, Self.code("i"), $0) >= 0 }
    }

    func append(_ texts: [String]) -> Bool {
        guard sd_bus_message_open_container(handle, Self.code("a"), "s") >= 0 else { return false }
        guard texts.allSatisfy({ append($0) }) else { return false }
        return sd_bus_message_close_container(handle) >= 0
    }

    func append(_ flag: Bool) -> Bool {
        let number: Int32 = flag ? 1 : 0
        return withUnsafePointer(to: number) { sd_bus_message_append_basic(handle, Self.code("b"), $0) >= 0 }
    }

    /// Of type `a(sv)`.
    func append(_ properties: [UnitProperty]) -> Bool {
        guard open("a", "(sv)") else { return false }
        for property in properties {
            guard open("r", "sv"), append(property.name), append(property.value), close() else { return false }
        }
        return close()
    }

    private func append(_ value: UnitProperty.Value) -> Bool {
        switch value {
        case .number(let number):
            return open("v", "t")
                && withUnsafePointer(to: number) { sd_bus_message_append_basic(handle, Self.code("t"), $0) >= 0 }
                && close()
        case .bytes(let bytes):
            return open("v", "ay")
                && bytes.withUnsafeBytes {
                    sd_bus_message_append_array(handle, Self.code("y"), $0.baseAddress, $0.count) >= 0
                } && close()
        }
    }

    private func open(_ type: Character, _ contents: String) -> Bool {
        sd_bus_message_open_container(handle, Self.code(type), contents) >= 0
    }

    private func close() -> Bool { sd_bus_message_close_container(handle) >= 0 }

    private static func code(_ type: Character) -> CChar { CChar(type.asciiValue ?? 0) }
}
