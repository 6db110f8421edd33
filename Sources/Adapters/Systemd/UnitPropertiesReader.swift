/// Collects a unit's state from the answers of two `GetAll` calls (the interfaces Unit and Service).
struct UnitPropertiesReader {
    private var texts: [String: String] = [:]
    private var numbers: [String: Int32] = [:]
    private var mainPID: UInt32 = 0
    private var invocation: [UInt8] = []
    private(set) var answers = 0

    /// Reads one answer; false when it has another shape.
    mutating func read(_ message: BusMessage) -> Bool {
        answers += 1
        return message.forEachProperty { name in
            switch name {
            case "LoadState", "ActiveState", "SubState", "Result", "ControlGroup":
                guard let value = message.variant("s", { message.string() }) else { return false }
                texts[name] = value
            case "ExecMainStatus", "ExecMainCode":
                guard let value = message.variant("i", { message.int32() }) else { return false }
                numbers[name] = value
            case "MainPID":
                guard let value = message.variant("u", { message.uint32() }) else { return false }
                mainPID = value
            case "InvocationID":
                guard message.variant("ay", { readBytes(message) ? true : nil }) != nil else { return false }
            default:
                return message.skip("v")
            }
            return true
        }
    }

    private mutating func readBytes(_ message: BusMessage) -> Bool {
        var bytes: [UInt8] = []
        let complete = message.forEach(of: "y") {
            guard let byte = message.byte() else { return false }
            bytes.append(byte)
            return true
        }
        invocation = bytes
        return complete
    }

    /// Nil when systemd has no such unit: asking for its object loads an empty one.
    func state(of unit: String) -> UnitState? {
        guard texts["LoadState"] != "not-found" else { return nil }
        return UnitState(
            name: unit, activeState: texts["ActiveState"] ?? "", subState: texts["SubState"] ?? "",
            result: texts["Result"] ?? "", mainStatus: numbers["ExecMainStatus"] ?? 0,
            mainCode: numbers["ExecMainCode"] ?? 0, mainPID: mainPID, controlGroup: texts["ControlGroup"] ?? "",
            invocationID: invocation.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
}
