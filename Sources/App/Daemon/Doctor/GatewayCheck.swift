import HostFacts

extension LiveChecks {
    /// Where people find the gateway, and what they need for it.
    package static func gateway(_ settings: Settings) -> HostCheck {
        let places = settings.gateway.all.map { address in
            address.isTCP ? "\(address) with the token in \(settings.gatewayTokenFile)" : "\(address) for root"
        }
        return .ok(
            "gateway", places.isEmpty ? "is switched off" : "is configured for \(places.joined(separator: ", "))")
    }
}
