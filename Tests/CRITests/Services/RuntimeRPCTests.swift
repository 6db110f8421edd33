import CRI
import Domain
import DomainFakes
import GRPCCore
import Testing

@Suite(.timeLimit(.minutes(10))) struct RuntimeRPCTests {
    private typealias Method = Runtime_V1_RuntimeService.Method

    @Test func `Version fills all four fields`() async throws {
        let version: Runtime_V1_VersionResponse = try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            try await cri.call(Method.Version.descriptor, Runtime_V1_VersionRequest())
        }
        #expect(version.runtimeApiVersion == "v1")
        #expect(version.runtimeName == "rktlet")
        #expect(!version.version.isEmpty)
        #expect(!version.runtimeVersion.isEmpty)
    }

    @Test func `Status always carries both conditions, and the handlers with what they can do`() async throws {
        let node = FakeNode()
        node.network.become(
            RuntimeCondition(type: "NetworkReady", status: false, reason: "NoConfiguration", message: "add one"))
        let status: Runtime_V1_StatusResponse = try await InProcessCRI.serve(node.useCases()) { cri in
            try await cri.call(Method.Status.descriptor, Runtime_V1_StatusRequest())
        }
        #expect(status.status.conditions.map(\.type) == ["RuntimeReady", "NetworkReady"])
        #expect(status.status.conditions.map(\.status) == [true, false])
        #expect(status.status.conditions[1].reason == "NoConfiguration")
        #expect(status.status.conditions[1].message == "add one")
        #expect(status.runtimeHandlers.map(\.name) == ["", "default", "plain"])
        #expect(status.runtimeHandlers.map(\.features.recursiveReadOnlyMounts) == [true, true, false])
        #expect(status.runtimeHandlers.map(\.features.userNamespaces) == [true, true, false])
        #expect(status.features.supplementalGroupsPolicy)
        #expect(status.features.mountOptions)
        #expect(status.info.isEmpty)
    }

    @Test func `a verbose Status adds a map of JSON strings`() async throws {
        let status: Runtime_V1_StatusResponse = try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            try await cri.call(Method.Status.descriptor, Runtime_V1_StatusRequest.with { $0.verbose = true })
        }
        let info = try #require(status.info["info"])
        #expect(info.hasPrefix("{\"containers\":\"0\",\"engine\":\"fake\""))
    }

    @Test func `RuntimeConfig says that systemd manages cgroups`() async throws {
        let config: Runtime_V1_RuntimeConfigResponse = try await InProcessCRI.serve(FakeNode().useCases()) { cri in
            try await cri.call(Method.RuntimeConfig.descriptor, Runtime_V1_RuntimeConfigRequest())
        }
        #expect(config.hasLinux)
        #expect(config.linux.cgroupDriver == .systemd)
    }

    @Test func `UpdateRuntimeConfig hands on the pod range, and refuses what is none`() async throws {
        let node = FakeNode()
        try await InProcessCRI.serve(node.useCases()) { cri in
            let _: Runtime_V1_UpdateRuntimeConfigResponse = try await cri.call(
                Method.UpdateRuntimeConfig.descriptor, update("10.244.0.0/24,fd00::/64"))
            let _: Runtime_V1_UpdateRuntimeConfigResponse = try await cri.call(
                Method.UpdateRuntimeConfig.descriptor, update(""))
            let error = await #expect(throws: RPCError.self) {
                let _: Runtime_V1_UpdateRuntimeConfigResponse = try await cri.call(
                    Method.UpdateRuntimeConfig.descriptor, update("10.244.0.0"))
            }
            #expect(error?.code == .invalidArgument)
            #expect(error?.message.hasPrefix("runtime_config.network_config.pod_cidr: ") == true)
        }
        #expect(node.network.cidrs == ["10.244.0.0/24,fd00::/64"])
    }

    private func update(_ range: String) -> Runtime_V1_UpdateRuntimeConfigRequest {
        .with { $0.runtimeConfig.networkConfig.podCidr = range }
    }
}
