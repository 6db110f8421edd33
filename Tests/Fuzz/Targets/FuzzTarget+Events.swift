import Domain
import JSON
import Logging

@testable import GantryCore
@testable import RktCLI

extension FuzzTarget {
    /// The engine's event lines: its own reader of its log, and the daemon's reader of the stream.
    static let events = FuzzTarget("events", longest: 4096) { input in
        let decoder = GantryEventDecoder(logger: Logger(label: "fuzz") { _ in SwiftLogNoOpLogHandler() })
        for line in input.split(separator: 0x0a, omittingEmptySubsequences: false) {
            let line = Array(line)
            let before = decoder.position
            var isTold = false
            let isRead = (try? decoder.decode(line) { _ in isTold = true }) != nil
            if !isRead, !isTold { try promise(decoder.position == before, "went on over a line that is none") }
            PlantedTrap.here(isTold && (decoder.position?["boot"]?.stringValue?.utf8.count ?? 0) >= 4)
            let number = line.withUnsafeBytes { EventLine.sequence($0) }
            if let number, let json = try? JSON(parsing: line) {
                try promise(json["seq"]?.uint64Value == number, "two numbers in one line")
            }
            if let header = line.withUnsafeBytes({ EventLine.parseHeader($0) }) {
                let text = EventLine.encode(header)
                let again = Array(text.utf8.dropLast()).withUnsafeBytes { EventLine.parseHeader($0) }
                try promise(again?.boot.utf8.elementsEqual(header.boot.utf8) == true, "a header with another boot")
                try promise(
                    again?.sequence == header.sequence && again?.begin == header.begin && again?.pod == header.pod,
                    "another header")
            }
        }
    }
}
