/// A call that the bus thread has taken, with what it collected so far.
struct PendingBusCall {
    let call: BusCall
    var sent = false
    var jobPaths: [String] = []
    var properties = UnitPropertiesReader()

    init(_ call: BusCall) { self.call = call }
}
