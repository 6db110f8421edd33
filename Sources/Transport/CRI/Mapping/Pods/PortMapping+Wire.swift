import Domain

extension PortMapping {
    /// - Throws: `invalidArgument` for an unknown protocol, a port out of range or a host address that is none.
    package init(wire: Runtime_V1_PortMapping, at path: FieldPath) throws(DomainError) {
        let transport: TransportProtocol =
            switch wire.protocol {
            case .tcp: .tcp
            case .udp: .udp
            case .sctp: .sctp
            case .UNRECOGNIZED(let value): throw path.field("protocol").unknownValue(value)
            }
        self.init(
            transport: transport,
            containerPort: UInt16(try path.field("container_port").number(wire.containerPort, in: 1...65_535)),
            hostPort: UInt16(try path.field("host_port").number(wire.hostPort, in: 0...65_535)),
            hostIP: wire.hostIp.isEmpty ? "" : try path.field("host_ip").address(wire.hostIp)
        )
    }
}
