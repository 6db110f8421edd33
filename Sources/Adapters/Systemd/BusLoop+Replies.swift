/// What comes back.
extension BusLoop {
    func receive(reply message: BusMessage, cookie: UInt64) {
        // The connection works: the next loss is met with a quick try again.
        reconnectDelay = .milliseconds(100)
        switch routes.removeValue(forKey: cookie) {
        case .call(let token): receive(reply: message, for: token)
        case .listing(let mailbox):
            if let units = Self.units(in: message) { mailbox.put(listing: units) }
        case .ignored, nil: break
        }
    }

    private func receive(reply message: BusMessage, for token: BusCallToken) {
        let key = ObjectIdentifier(token)
        guard let pending = calls[key] else { return }
        let request = pending.call.request
        if let error = message.error {
            return finish(token, Self.result(of: request, error: error))
        }
        switch request {
        case .stop:
            guard let path = message.string("o") else { break }
            jobs.add(token, to: path)
            calls[key]?.jobPaths.append(path)
            return
        case .kill, .resetFailed, .set:
            return finish(token, .success(.done))
        case .list:
            guard let units = Self.units(in: message) else { break }
            return finish(token, .success(.units(units)))
        case .state(let unit):
            guard calls[key]?.properties.read(message) == true else { break }
            if let properties = calls[key]?.properties, properties.answers == 2 {
                finish(token, .success(.state(properties.state(of: unit))))
            }
            return
        }
        finish(token, .failure(.unexpectedAnswer(request.summary)))
    }

    /// What is not there needs no stop and has no failure to forget.
    private static func result(of request: BusRequest, error: (name: String, message: String)) -> BusResult {
        let isMissing = error.name == "org.freedesktop.systemd1.NoSuchUnit"
        switch request {
        case .stop where isMissing, .resetFailed where isMissing: return .success(.done)
        case .state where isMissing: return .success(.state(nil))
        case .kill(let unit, _, _) where isMissing, .set(let unit, _) where isMissing:
            return .failure(.noSuchUnit(unit))
        default:
            return .failure(.refused(operation: request.summary, name: error.name, message: error.message))
        }
    }

    private static func units(in message: BusMessage) -> [UnitSummary]? {
        var units: [UnitSummary] = []
        let complete = message.forEach(of: "(ssssssouso)") {
            guard message.enter("r", "ssssssouso"), let name = message.string(),
                let description = message.string(), let load = message.string(), let active = message.string(),
                let sub = message.string(),
                message.skip("souso"), message.exit()
            else { return false }
            units.append(
                UnitSummary(
                    name: name, description: description, loadState: load, activeState: active, subState: sub))
            return true
        }
        return complete ? units : nil
    }
}
