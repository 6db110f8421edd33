import ByteText

/// What systemd tells by itself.
extension BusLoop {
    func receive(signal message: BusMessage) {
        switch message.member {
        case "PropertiesChanged": propertiesChanged(message)
        case "JobRemoved": jobRemoved(message)
        case "UnitRemoved":
            guard let unit = message.string() else { return }
            tell(.removed, of: unit)
        case "Reloading":
            // What changed during a reload was not signalled.
            guard let connection else { return }
            for watcher in watchers { request(listing: watcher.prefix, for: watcher.mailbox, on: connection) }
        default: break
        }
    }

    private func tell(_ change: UnitChange, of unit: String) {
        for watcher in watchers where unit.begins(with: watcher.prefix) { watcher.mailbox.put(change, of: unit) }
    }

    private func propertiesChanged(_ message: BusMessage) {
        guard let path = message.path, let unit = UnitObjectPath.unit(at: path),
            watchers.contains(where: { unit.begins(with: $0.prefix) }), message.skip("s")
        else { return }
        var active: String?
        var sub: String?
        _ = message.forEachProperty { name in
            switch name {
            case "ActiveState": active = message.variant("s") { message.string() }
            case "SubState": sub = message.variant("s") { message.string() }
            default: return message.skip("v")
            }
            return true
        }
        if let active, let sub { tell(.state(active: active, sub: sub), of: unit) }
    }

    private func jobRemoved(_ message: BusMessage) {
        guard message.skip("u"), let path = message.string("o"), let unit = message.string(),
            let result = message.string()
        else { return }
        for token in jobs.take(path) {
            finish(token, result == "done" ? .success(.done) : .failure(.jobEnded(unit: unit, result: result)))
        }
    }
}
