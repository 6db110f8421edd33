import Domain

extension DNSConfig {
    /// - Throws: `invalidArgument` for a server that is no address, or a value that would break its line of resolv.conf.
    package init(wire: Runtime_V1_DNSConfig, at path: FieldPath) throws(DomainError) {
        self.init()
        servers = try path.field("servers").each(wire.servers) { (server, path) throws(DomainError) in
            try path.address(server, zone: true)
        }
        searches = try path.field("searches").each(wire.searches) { (domain, path) throws(DomainError) in
            try path.word(domain)
        }
        options = try path.field("options").each(wire.options) { (option, path) throws(DomainError) in
            try path.word(option)
        }
    }
}
