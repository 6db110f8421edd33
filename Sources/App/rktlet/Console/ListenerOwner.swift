import Glibc

/// Whose socket it is that listens on an address of this machine, as the kernel tells it (proc_net_tcp).
///
/// Any user may listen on the gateway's port while the daemon is down, and would be sent the token.
enum ListenerOwner {
    case root, another, nobody

    private static let listening = "0A"

    static func of(host: String, port: UInt16) -> Self {
        guard let file = fopen(host == "::1" ? "/proc/net/tcp6" : "/proc/net/tcp", "re") else { return .another }
        defer { fclose(file) }
        var table: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { table += chunk[..<count] }
        return of(table: table, host: host, port: port)
    }

    /// - Parameter table: of `/proc/net/tcp` or `tcp6`.
    static func of(table: [UInt8], host: String, port: UInt16) -> Self {
        let address = host == "::1" ? "00000000000000000000000001000000" : "0100007F"
        let place = address + ":" + hex(port)
        let owners = table.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line -> ArraySlice<UInt8>? in
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count > 7, fields[1].elementsEqual(place.utf8), fields[3].elementsEqual(listening.utf8) else {
                return nil
            }
            return fields[7]
        }
        if owners.isEmpty { return .nobody }
        return owners.allSatisfy { $0.elementsEqual("0".utf8) } ? .root : .another
    }

    private static func hex(_ port: UInt16) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
