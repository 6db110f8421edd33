import Domain

/// What launcher and engine promise about pods.
package enum PodContract {
    package static let cases: [ContractCase] = [
        ContractCase("a launched pod is ready, listed, and has its unit") { node in
            try await node.withPod { id, config in
                let record = try await node.engine.record(of: id)
                try expect(record?.pod.state == .ready, "state \(String(describing: record?.pod.state))")
                try expect(record?.pod.id == id && record?.pod.config == config, "its request comes back")
                try expect(record?.pod.unit == node.launcher.unitName(for: id), "unit \(record?.pod.unit ?? "-")")
                try expect((record?.pod.createdAt ?? .never) > .never, "time of creation")
                try expect(record?.pod.pid ?? 0 > 0, "its supervisor's pid")
                let inventory = try await node.engine.inventory().records
                try expect(inventory.contains { $0.pod.id == id }, "in the inventory")
                try expect(try await node.launcher.units().contains(id), "among the units")
            }
        },
        ContractCase("a stopped pod has no unit and is not ready; its record stays until it is removed") { node in
            try await node.withPod { id, _ in
                try await node.launcher.stop(id)
                try expect(!(try await node.launcher.units().contains(id)), "no unit")
                try await node.engine.finish(id)
                let record = try await node.engine.record(of: id)
                try expect(record?.pod.state == .notReady, "state \(String(describing: record?.pod.state))")
                try expect(record?.pod.networkAttached == false, "network detached")
                try await node.engine.remove(id)
                try expect(try await node.engine.record(of: id) == nil, "no record")
                try expect(
                    !(try await node.engine.inventory().records.contains { $0.pod.id == id }), "not in the inventory")
            }
        },
        ContractCase("stop, finish and remove may be repeated, also of a pod that never was") { node in
            try await node.withPod { id, _ in
                for _ in 0..<2 { try await node.launcher.stop(id) }
                for _ in 0..<2 { try await node.engine.finish(id) }
                for _ in 0..<2 { try await node.engine.remove(id) }
            }
            let never = node.ids.newPodID()
            try await node.remove(never)
            try expect(try await node.engine.record(of: never) == nil, "no record of what never was")
        },
        ContractCase("a pod that runs is not removed") { node in
            try await node.withPod { id, _ in
                try await expectError(.failedPrecondition, "removing a pod that runs") {
                    try await node.engine.remove(id)
                }
                try expect(try await node.engine.record(of: id)?.pod.state == .ready, "it still runs")
            }
        },
        ContractCase("a unit's name is the same each time") { node in
            let id = node.ids.newPodID()
            try expect(node.launcher.unitName(for: id) == node.launcher.unitName(for: id), "the same name")
            try expect(
                node.launcher.unitName(for: id) != node.launcher.unitName(for: node.ids.newPodID()), "its own name")
        },
        ContractCase("a cgroup parent that is no slice is refused beforehand, naming the kubelet's setting") { node in
            var config = node.pod("contract-parent")
            config.cgroupParent = "/kubepods/burstable/pod1"
            do throws(DomainError) {
                try node.launcher.validate(config)
            } catch {
                try expect(error.code == .invalidArgument, "code \(error.code)")
                try expect(error.message.contains("cgroupDriver"), "message \(error.message)")
                return
            }
            throw ContractViolation("it was accepted")
        },
    ]
}
