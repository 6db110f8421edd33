import ArgumentParser
import GantryCore

/// What `rkt app sandbox` is told by flags.
struct PodFlags: ParsableArguments {
    @Option(help: ArgumentHelp("The pod's host name.", valueName: "name"))
    var hostname: String?

    @Option(name: .customLong("dns"), help: ArgumentHelp("A name server; may be repeated.", valueName: "address"))
    var dnsServers: [String] = []

    @Option(
        name: .customLong("dns-search"), help: ArgumentHelp("A search domain; may be repeated.", valueName: "domain"))
    var dnsSearches: [String] = []

    @Option(
        name: .customLong("dns-opt"), help: ArgumentHelp("A resolver option; may be repeated.", valueName: "option"))
    var dnsOptions: [String] = []

    @Option(help: ArgumentHelp("A line of /etc/hosts, ADDRESS=NAME; may be repeated.", valueName: "entry"))
    var hostsEntry: [String] = []

    @Option(help: ArgumentHelp("The network: host, none, default, or a configuration's name.", valueName: "network"))
    var net: [String] = []

    @Option(
        help: ArgumentHelp("A port, NAME:PROTOCOL:CONTAINERPORT[:HOSTIP]:HOSTPORT; may be repeated.", valueName: "port")
    )
    var port: [String] = []

    @Option(help: ArgumentHelp("KEY=VALUE; may be repeated.", valueName: "annotation"))
    var annotation: [String] = []

    @Option(help: ArgumentHelp("KEY=VALUE; may be repeated.", valueName: "annotation"))
    var userAnnotation: [String] = []

    @Option(help: ArgumentHelp("KEY=VALUE; may be repeated.", valueName: "label"))
    var userLabel: [String] = []

    var rkt: RktPodFlags {
        var flags = RktPodFlags()
        flags.hostname = hostname
        flags.dns = dnsServers
        flags.dnsSearch = dnsSearches
        flags.dnsOpt = dnsOptions
        flags.hostsEntries = hostsEntry
        flags.net = net
        flags.ports = port
        flags.annotations = annotation
        flags.userAnnotations = userAnnotation
        flags.userLabels = userLabel
        return flags
    }
}
