/// Which engine works in a data directory, as its file `engine` says: an engine takes another's pods for its own remains. The daemon writes it; the
/// daemon and `gantry` read it, both here.
package enum EngineMarker {
    package static let fileName = "engine"
    /// Bytes.
    private static let longest = 256
    private static let longestName = 32
    /// Bytes of it that a message shows.
    private static let longestShown = 40

    /// The file cannot be taken at its word. Whatever the directory holds is to be left alone.
    package struct Refusal: Error, Equatable, CustomStringConvertible {
        /// Names the file, what is wrong, and the way out; printable ASCII, but for the directory's own name.
        package let description: String
    }

    /// - Returns: the engine's name; nil where nothing is written down.
    package static func owner(of dataDirectory: String) throws(Refusal) -> String? {
        let path = "\(dataDirectory)/\(fileName)"
        let found: [UInt8]?
        do throws(SmallFile.Refusal) {
            found = try SmallFile.bytes(of: path, limit: longest)
        } catch {
            throw refusal(dataDirectory, "\(error)")
        }
        let name = trimmed(found ?? [])
        if name.isEmpty { return nil }
        guard name.endIndex - name.startIndex <= longestName, name.allSatisfy(isOfName) else {
            throw refusal(dataDirectory, "names no engine: \"\(printable(name))\"")
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func refusal(_ directory: String, _ what: String) -> Refusal {
        Refusal(
            description:
                "\(directory)/\(fileName), which is to say which engine works in \(directory), \(what); write the name of the engine "
                + "that has pods there into it, in a line of its own, or remove it where there are none")
    }

    private static func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return bytes[first...last]
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-")
    }

    /// What would move a terminal's cursor, or look like something else, by its number.
    private static func printable(_ bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var shown: [UInt8] = []
        for byte in bytes.prefix(longestShown) {
            if (0x20...0x7e).contains(byte), byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\"") {
                shown.append(byte)
            } else {
                shown += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: shown, as: UTF8.self) + (bytes.count > longestShown ? "..." : "")
    }
}
