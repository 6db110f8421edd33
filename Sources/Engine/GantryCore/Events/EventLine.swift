import ByteText
import JSON

/// One line of a file of events. A good line is `{"seq":N,` and the rest of a JSON object; the number comes first so that it
/// is found without parsing the rest. The first line of each file is of type `log` and carries the number before its first event.
enum EventLine {
    private static let opening = Array("{\"seq\":".utf8)

    /// Closes a line that a kill cut short. The byte is CAN, which cannot be in JSON, so that no cut line passes for a good
    /// one, wherever it was cut.
    static let cutMark: UInt8 = 0x18

    /// The first line of a file.
    struct Header: Equatable, Sendable {
        /// Of the event before the file's first.
        var sequence: UInt64
        /// The number before the first event of the pod; every life of a pod begins with a greater one. 0 in the log that older engines shared.
        var begin: UInt64 = 0
        var boot: String
        /// Whose events they are; nil in the log that older engines shared.
        var pod: PodUUID?
    }

    /// With its line feed.
    static func encode(_ sequence: UInt64, _ members: [String: JSON]) -> String {
        let object = JSON.object(members).serialized()
        let rest = object.without(prefix: "{") ?? object[...]
        return "{\"seq\":\(sequence),\(rest)\n"
    }

    static func encode(_ header: Header) -> String {
        var members: [String: JSON] = ["type": "log", "boot": .string(header.boot), "begin": JSON(header.begin)]
        if let pod = header.pod { members["pod"] = .string(pod.string) }
        return encode(header.sequence, members)
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

    /// What a file's first line says.
    static func parseHeader(_ line: UnsafeRawBufferPointer) -> Header? {
        guard let sequence = sequence(line), let document = try? JSON(parsing: line),
            document["type"]?.stringValue == "log", let boot = document["boot"]?.stringValue
        else { return nil }
        return Header(
            sequence: sequence, begin: document["begin"]?.uint64Value ?? 0, boot: boot,
            pod: document["pod"]?.stringValue.flatMap(PodUUID.init))
    }

    /// A good line as it is printed: with what it adds to a reader's position in front.
    /// - Parameter name: of the number, where it is not the pod's own.
    static func printed(
        _ line: UnsafeRawBufferPointer, at: JSON, renaming name: String? = nil
    ) -> [UInt8] {
        var bytes = Array("{\"at\":\(at.serialized()),".utf8)
        if let name {
            bytes += Array("\"\(name)\":".utf8)
            bytes += line.dropFirst(opening.count)
        } else {
            bytes += line.dropFirst(1)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}
