import Domain

/// What the engine promises about its events.
package enum EventContract {
    package static let cases: [ContractCase] = [
        ContractCase("a stream begins with a snapshot of all there is") { node in
            try await node.withPod { pod, _ in
                let id = try await ContainerContract.running(node, pod)
                for await event in node.engine.events() {
                    guard case .snapshot(let records) = event else {
                        throw ContractViolation("it began with \(event)")
                    }
                    let record = records.first { $0.pod.id == pod }
                    try expect(record?.pod.state == .ready, "the pod is in it")
                    try expect(record?.containers.map(\.id) == [id], "its container is in it")
                    return
                }
            }
        },
        ContractCase("an index fed by the events is the inventory") { node in
            var index = EventIndex()
            var iterator = node.engine.events().makeAsyncIterator()
            // The stream has begun before anything happens: a removal before its snapshot would not be told.
            guard let snapshot = await iterator.next() else { throw ContractViolation("the events ended") }
            index.take(snapshot)
            try await node.withPod { pod, _ in
                let first = try await ContainerContract.running(node, pod)
                let second = try await ContainerContract.running(node, pod)
                _ = try await node.engine.stopContainer(first, of: pod, signal: nil, grace: .zero)
                try await node.engine.removeContainer(second, of: pod)
                // Everything so far is told once its last effect is seen.
                while index.containers[first]?.state != .exited || index.containers[second] != nil
                    || index.removed != [second]
                {
                    guard let event = await iterator.next() else { throw ContractViolation("the events ended") }
                    index.take(event)
                }
                let record = try await node.engine.record(of: pod)
                try expect(index.pods[pod] == record?.pod, "the pod: \(String(describing: index.pods[pod]))")
                try expect(
                    index.containers.values.filter { $0.podID == pod } == record?.containers,
                    "its containers: \(index.containers.values)")
            }
            while let event = await iterator.next() {
                index.take(event)
                if case .podRemoved = event { break }
            }
        },
    ]

    /// What a reader knows.
    private struct EventIndex {
        var pods: [PodID: PodSandbox] = [:]
        var containers: [ContainerID: Container] = [:]
        var removed: Set<ContainerID> = []

        mutating func take(_ event: EngineEvent) {
            switch event {
            case .snapshot(let records):
                pods = Dictionary(uniqueKeysWithValues: records.map { ($0.pod.id, $0.pod) })
                containers = Dictionary(uniqueKeysWithValues: records.flatMap(\.containers).map { ($0.id, $0) })
            case .pod(let pod): pods[pod.id] = pod
            case .podRemoved(let id):
                pods[id] = nil
                containers = containers.filter { $0.value.podID != id }
            case .container(let container): containers[container.id] = container
            case .containerRemoved(let id):
                containers[id] = nil
                removed.insert(id)
            case .images: break
            }
        }
    }
}
