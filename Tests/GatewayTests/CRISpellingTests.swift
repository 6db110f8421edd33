import Domain
import DomainFakes
import JSON
import Testing

@testable import Gateway

/// What files for crictl and other clients of the CRI hold, as they hold it.
@Suite(.timeLimit(.minutes(10))) struct CRISpellingTests {
    private static let pod = #""metadata":{"name":"web","uid":"u","namespace":"default","attempt":1}"#
    private static let container = #""metadata":{"name":"busybox"},"image":{"image":"busybox"}"#

    @Test(arguments: [
        (#"{"key":"A","value":"aGk="}"#, "aGk="), (#"{"key":"A","value":"a=b\nc ä"}"#, "a=b\nc ä"),
        (#"{"key":"A","value":""}"#, ""), (#"{"key":"A"}"#, ""), (#"{"key":"A","value":null}"#, ""),
        (#"{"key":"A","valueBase64":"aGk="}"#, "hi"), (#"{"key":"A","value_base64":"aGk"}"#, "hi"),
        (#"{"key":"A","value":null,"valueBase64":""}"#, ""),
    ])
    func `a variable's value is plain text, and comes out as it went in`(variable: String, value: String) async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let made = try await gateway.ask(
                .post, "/v1/pods/\(pod)/containers", #"{\#(Self.container),"envs":[\#(variable)]}"#)
            #expect(made.status == 201, "\(made.text)")
            let id = try #require(made.json["containerId"]?.stringValue)
            let shown = try await gateway.ask(.get, "/v1/containers/\(id)?show=env").json["info"]?["envs"]?.stringValue
            #expect(try JSON(parsing: try #require(shown)) == [["key": "A", "value": .string(value)]])
        }
    }

    @Test(arguments: [
        (#"{"key":"A","value":"a","valueBase64":"YQ=="}"#, "together with value"),
        (#"{"key":"A","value":"","valueBase64":""}"#, "together with value"),
        (#"{"key":"A","valueBase64":"gA=="}"#, "not valid UTF-8"),
        (#"{"key":"A","valueBase64":"!"}"#, "must be base64"),
        (#"{"key":"A","value":1}"#, "a string"), (#"{"key":"A","value":"a\u0000"}"#, "NUL"),
    ])
    func `a value that is none is refused by its field`(variable: String, why: String) async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            let answer = try await gateway.ask(
                .post, "/v1/pods/\(pod)/containers", #"{\#(Self.container),"envs":[\#(variable)]}"#)
            #expect(answer.status == 400)
            #expect(answer.detail.contains("config.envs[0].value") && answer.detail.contains(why), "\(answer.detail)")
        }
    }

    // Every enum that a request may hold, its values by name and by number.

    @Test(arguments: ["\"TCP\"", "0", "\"UDP\"", "1", "\"SCTP\"", "2"])
    func `protocols of ports`(transport: String) async throws {
        try await Self.accepts(
            pod: #""port_mappings":[{"protocol":\#(transport),"container_port":80,"host_port":8080}]"#)
    }

    @Test(arguments: ["\"POD\"", "0", "\"NODE\"", "2"])
    func `modes of namespaces`(mode: String) async throws {
        try await Self.accepts(
            pod: #""linux":{"security_context":{"namespace_options":{"network":\#(mode),"pid":1,"ipc":\#(mode)}}}"#)
        try await Self.accepts(
            pod: #""linux":{"security_context":{"namespace_options":{"pid":"CONTAINER","userns_options":{"mode":2}}}}"#)
    }

    @Test(arguments: ["\"Merge\"", "0", "\"Strict\"", "1"])
    func `policies for groups`(policy: String) async throws {
        try await Self.accepts(pod: #""linux":{"security_context":{"supplemental_groups_policy":\#(policy)}}"#)
    }

    @Test(arguments: ["\"RuntimeDefault\"", "0", "\"Unconfined\"", "1"])
    func `types of profiles`(type: String) async throws {
        try await Self.accepts(pod: #""linux":{"security_context":{"seccomp":{"profile_type":\#(type)}}}"#)
    }

    @Test(arguments: [
        "\"PROPAGATION_PRIVATE\"", "0", "\"PROPAGATION_HOST_TO_CONTAINER\"", "1", "\"PROPAGATION_BIDIRECTIONAL\"", "2",
    ])
    func `propagations`(propagation: String) async throws {
        _ = try await Self.made(
            container:
                #""mounts":[{"container_path":"/a","host_path":"/tmp","propagation":\#(propagation)}],"linux":{"security_context":{"privileged":true}}"#
        )
    }

    @Test(arguments: [
        ("\"SIGNAL_SIGTERM\"", "SIGNAL_SIGTERM"), ("\"SIGTERM\"", "SIGNAL_SIGTERM"), ("23", "SIGNAL_SIGTERM"),
        ("\"SIGRTMINPLUS3\"", "SIGNAL_SIGRTMINPLUS3"), ("\"SIGRTMAX\"", "SIGNAL_SIGRTMAX"),
        ("\"SIGNAL_SIGRTMAXMINUS1\"", "SIGNAL_SIGRTMAXMINUS1"),
    ])
    func `signals, as up to cri-api 0_36 and after it`(signal: String, name: String) async throws {
        #expect(try await Self.made(container: #""stop_signal":\#(signal)"#).stopSignal?.jsonName == name)
    }

    @Test(arguments: ["\"SIGNAL_RUNTIME_DEFAULT\"", "\"RUNTIME_DEFAULT\"", "0", "null"])
    func `the runtime's own signal`(signal: String) async throws {
        #expect(try await Self.made(container: #""stop_signal":\#(signal)"#).stopSignal == nil)
    }

    @Test func `a signal that is none is refused`() async throws {
        try await GatewayHarness.run { gateway in
            let pod = try await gateway.pod()
            for name in ["TERM", "SIGNAL_TERM", "sigterm", "SIGNAL_SIGNAL_SIGTERM", ""] {
                let answer = try await gateway.ask(
                    .post, "/v1/pods/\(pod)/containers", #"{\#(Self.container),"stop_signal":"\#(name)"}"#)
                #expect(answer.status == 400 && answer.detail.contains("config.stopSignal"), "\(name)")
            }
        }
    }

    @Test(arguments: [#"{"options":{}}"#, "{}", "null"])
    func `crictl's sample of a pod names a part of the status`(namespaces: String) async throws {
        try await Self.accepts(pod: #""linux":{"namespaces":\#(namespaces)}"#)
    }

    @Test func `a wish in the place of the status is not passed over`() async throws {
        try await GatewayHarness.run { gateway in
            let answer = try await gateway.ask(
                .post, "/v1/pods", #"{\#(Self.pod),"linux":{"namespaces":{"options":{"network":2}}}}"#)
            #expect(answer.status == 400 && answer.detail.contains("namespaceOptions"), "\(answer.text)")
        }
    }

    @Test(arguments: ["logDirectory", "log_directory", "portMappings", "port_mappings", "dns_config", "linux"])
    func `null is the same as absent, in either spelling`(field: String) async throws {
        try await Self.accepts(pod: #""\#(field)":null"#)
    }

    private static func accepts(pod rest: String) async throws {
        try await GatewayHarness.run { gateway in
            let answer = try await gateway.ask(.post, "/v1/pods", "{\(Self.pod),\(rest)}")
            #expect(answer.status == 201, "\(rest): \(answer.text)")
        }
    }

    private static func made(container rest: String) async throws -> ContainerConfig {
        let (configs, whenMade) = AsyncStream.makeStream(of: ContainerConfig.self)
        try await GatewayHarness.run { gateway in
            var config = PodSandboxConfig.fake()
            config.privileged = true
            let pod = try await gateway.useCases.runPodSandbox(config)
            let answer = try await gateway.ask(.post, "/v1/pods/\(pod)/containers", "{\(Self.container),\(rest)}")
            #expect(answer.status == 201, "\(rest): \(answer.text)")
            if let container = gateway.useCases.listContainers().first { whenMade.yield(container.config) }
            whenMade.finish()
        }
        var iterator = configs.makeAsyncIterator()
        return try #require(await iterator.next())
    }
}
