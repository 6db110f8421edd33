import ByteText
import JSON

/// One line of the event log. A good line is `{"seq":N,` and the rest of a JSON object; the number comes first so that it
/// is found without parsing the rest. The first line of each file is of type `log` and carries the number before its first event.
enum EventLine {
    private static let opening = Array("{\"seq\":".utf8)

    /// Closes a line that a kill cut short. The byte is CAN, which cannot be in JSON, so that no cut line passes for a good
    /// one, wherever it was cut.
    static let cutMark: UInt8 = 0x18

    /// With its line feed.
    static func encode(_ sequence: UInt64, boot: String, _ members: [String: JSON]) -> String {
        var members = members
        members["boot"] = .string(boot)
        let object = JSON.object(members).serialized()
        let rest = object.without(prefix: "{") ?? object[...]
        return "{\"seq\":\(sequence),\(rest)\n"
    }

    static func header(_ sequence: UInt64, boot: String) -> String {
        encode(sequence, boot: boot, ["type": "log"])
    }

    /// The number of a complete line (without its line feed); nil for a line that was cut.
    static func sequence(_ line: UnsafeRawBufferPointer) -> UInt64? {
        guard line.count > opening.count + 2, line.last == UInt8(ascii: "}") else { return nil }
        guard line.prefix(opening.count).elementsEqual(opening) else { return nil }
        var number: UInt64 = 0
        for byte in line.dropFirst(opening.count) {
            guard (0x30...0x39).contains(byte) else { return byte == UInt8(ascii: ",") ? number : nil }
            let (product, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = product.addingReportingOverflow(UInt64(byte - 0x30))
            if tooLarge || overflow { return nil }
            number = sum
        }
        return nil
    }

    /// The number and boot of a file's first line.
    static func parseHeader(_ line: UnsafeRawBufferPointer) -> (sequence: UInt64, boot: String)? {
        guard let sequence = sequence(line), let document = try? JSON(parsing: line),
            document["type"]?.stringValue == "log", let boot = document["boot"]?.stringValue
        else { return nil }
        return (sequence, boot)
    }
}
