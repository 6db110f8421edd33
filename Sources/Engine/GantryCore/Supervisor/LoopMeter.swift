import CGantry
import JSON

/// What the loop has done, and how long its longest step was. A step is one call of one handler.
package struct LoopMeter {
    /// What a step may have many of. The bounds are in `Bound`.
    package enum Unit: Int, CaseIterable, Sendable {
        /// Read from a descriptor.
        case bytes
        /// Reaped.
        case children
        /// Taken from the control socket.
        case connections
        /// Of requests taken apart and answers put together, in bytes.
        case documents

        var name: String {
            switch self {
            case .bytes: "bytes"
            case .children: "children"
            case .connections: "connections"
            case .documents: "documents"
            }
        }
    }

    /// The most that one step, or one turn, of the loop does before it lets others have theirs.
    package enum Bound {
        /// Read from one control connection, or one descriptor whose content is dropped.
        package static let bytes = 256 << 10
        package static let children = 64
        package static let connections = 16
        /// Of one turn.
        package static let events = 64
        package static let timers = 16
        package static let soon = 32
        /// A document of more bytes is taken apart, or put together, beside the loop.
        package static let document = 32 << 10
    }

    package private(set) var steps: UInt64 = 0
    package private(set) var turns: UInt64 = 0
    /// Processor time, in nanoseconds.
    package private(set) var longest: Int64 = 0
    package private(set) var longestName = ""
    /// Time on the wall, with whatever was waited for, in nanoseconds.
    package private(set) var longestWait: Int64 = 0
    package private(set) var longestWaitName = ""
    /// Of any one step, by unit.
    package private(set) var most = [Int](repeating: 0, count: Unit.allCases.count)

    /// Of all steps together.
    package private(set) var all = [Int](repeating: 0, count: Unit.allCases.count)

    private var current = [Int](repeating: 0, count: Unit.allCases.count)
    private var hasCounted = false
    private var processor: Int64 = 0
    private var wall: Int64 = 0

    package init() {}

    mutating func begin() {
        turns += 1
        processor = gantry_processor_time()
        wall = Clock.monotonic()
    }

    /// The step that began with the end of the last one is over.
    mutating func end(_ name: StaticString) {
        steps += 1
        let (nowUsed, now) = (gantry_processor_time(), Clock.monotonic())
        if nowUsed - processor > longest { (longest, longestName) = (nowUsed - processor, name.description) }
        if now - wall > longestWait { (longestWait, longestWaitName) = (now - wall, name.description) }
        (processor, wall) = (nowUsed, now)
        guard hasCounted else { return }
        hasCounted = false
        for index in most.indices {
            most[index] = max(most[index], current[index])
            all[index] &+= current[index]
            current[index] = 0
        }
    }

    /// The step that is under way has done so much of something.
    package mutating func count(_ unit: Unit, _ number: Int) {
        current[unit.rawValue] += number
        hasCounted = true
    }

    /// Begins anew, for whoever measures.
    mutating func reset() {
        let (processor, wall) = (processor, wall)
        self = LoopMeter()
        (self.processor, self.wall) = (processor, wall)
    }

    package var json: JSON {
        [
            "steps": JSON(steps), "turns": JSON(turns), "longest_step_ns": .integer(longest),
            "longest_step": .string(longestName), "longest_wait_ns": .integer(longestWait),
            "longest_wait": .string(longestWaitName), "most_in_a_step": Self.units(most), "all": Self.units(all),
        ]
    }

    private static func units(_ numbers: [Int]) -> JSON {
        var units: [String: JSON] = [:]
        for unit in Unit.allCases { units[unit.name] = .integer(Int64(numbers[unit.rawValue])) }
        return .object(units)
    }
}
