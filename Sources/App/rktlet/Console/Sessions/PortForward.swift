import ArgumentParser
import Daemon
import Glibc

struct PortForward: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "port-forward", abstract: "Carry connections to ports of this machine's loopback into a pod.",
        usage: "rktlet port-forward POD [LOCAL:]REMOTE ...",
        discussion: """
            The pod is given by its id or the beginning of it, its name, or NAMESPACE/NAME. 8080:80 listens on 8080 for port 80 of the pod, 80 on
            the same, :80 on a port that is free. Control-C ends it.
            """)

    @OptionGroup var gateway: GatewayOption

    @Argument(help: ArgumentHelp("The pod.", valueName: "pod"))
    var pod: String

    @Argument(help: ArgumentHelp("[LOCAL:]REMOTE.", valueName: "ports"))
    var ports: [String]

    func run() throws {
        try atConsole {
            let pairs = try ports.map(PortPair.init)
            let client = try gateway.client()
            let id = try NamedObjects(client: client).pod(pod)
            let forwarder = PortForwarder(client: client, pod: id, name: pod)
            // Whether the pod is there and ready is told now, and not to the first connection.
            try forwarder.probe(pairs[0].remote)
            for pair in pairs { try forwarder.listen(pair) }
            try forwarder.run()
        }
    }
}
