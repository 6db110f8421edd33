import CRI
import Domain
import DomainFakes
import GRPCCore
import GRPCInProcessTransport
import Testing

@Suite(.timeLimit(.minutes(10))) struct EndpointTests {
    static let served: [String: Status.Code] = [
        "Version": .ok, "Status": .ok, "RuntimeConfig": .ok, "UpdateRuntimeConfig": .ok,
        "RunPodSandbox": .invalidArgument, "StopPodSandbox": .invalidArgument, "RemovePodSandbox": .invalidArgument,
        "PodSandboxStatus": .invalidArgument, "ListPodSandbox": .ok, "StreamPodSandboxes": .ok,
        "CreateContainer": .invalidArgument, "StartContainer": .invalidArgument, "StopContainer": .invalidArgument,
        "RemoveContainer": .invalidArgument, "ContainerStatus": .invalidArgument, "ListContainers": .ok,
        "StreamContainers": .ok, "ExecSync": .invalidArgument, "Exec": .invalidArgument,
        "Attach": .invalidArgument, "PortForward": .invalidArgument, "ReopenContainerLog": .invalidArgument,
        "GetContainerEvents": .ok, "ListImages": .ok, "StreamImages": .ok,
        "ImageStatus": .invalidArgument, "PullImage": .invalidArgument, "RemoveImage": .invalidArgument,
        "ImageFsInfo": .ok, "UpdateContainerResources": .invalidArgument, "CheckpointContainer": .invalidArgument,
        "UpdatePodSandboxResources": .invalidArgument,
        "ContainerStats": .invalidArgument, "ListContainerStats": .ok, "StreamContainerStats": .ok,
        "PodSandboxStats": .invalidArgument, "ListPodSandboxStats": .ok, "StreamPodSandboxStats": .ok,
        "ListMetricDescriptors": .ok, "ListPodSandboxMetrics": .ok, "StreamPodSandboxMetrics": .ok,
    ]

    private var methods: [MethodDescriptor] {
        Runtime_V1_RuntimeService.Method.descriptors + Runtime_V1_ImageService.Method.descriptors
    }

    @Test func `all 43 RPCs of the interface are registered`() {
        var router = RPCRouter<InProcessTransport.Server>()
        for service in CRIEndpoint.services(UseCases(ports: FakeNode().ports)) {
            service.registerMethods(with: &router)
        }
        #expect(Set(router.methods) == Set(methods))
        #expect(router.count == 43)
        #expect(Runtime_V1_RuntimeService.Method.descriptors.count == 37)
        #expect(Runtime_V1_ImageService.Method.descriptors.count == 6)
        #expect(methods.allSatisfy { $0.fullyQualifiedMethod.hasPrefix("runtime.v1.") })
    }

    @Test func `an empty request gets the status code it should, from every RPC`() async throws {
        let methods = methods
        let useCases = UseCases(ports: FakeNode().ports)
        // A stream of events ends with the daemon.
        useCases.context.index.events.close()
        let codes = try await InProcessCRI.serve(useCases) { cri in
            var codes: [String: Status.Code] = [:]
            for method in methods { codes[method.method] = try await cri.codeOfEmptyRequest(method) }
            return codes
        }
        for method in methods {
            #expect(codes[method.method] == Self.served[method.method] ?? .unimplemented, "\(method.method)")
        }
        #expect(codes.values.filter { $0 == .unimplemented }.count == 2)
    }

    @Test func `an RPC that is not served says so by name`() async throws {
        let error = try await InProcessCRI.serve(UseCases(ports: FakeNode().ports)) { cri in
            await #expect(throws: RPCError.self) {
                let _: Runtime_V1_CheckpointPodResponse = try await cri.call(
                    Runtime_V1_RuntimeService.Method.CheckpointPod.descriptor,
                    Runtime_V1_CheckpointPodRequest())
            }
        }
        #expect(error?.message == "CheckpointPod is not implemented by this version of rktlet")
    }
}
