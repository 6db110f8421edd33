import Domain

/// What the engine promises about containers.
package enum ContainerContract {
    package static let cases: [ContractCase] = [
        ContractCase("a container goes from created to running to exited, and each record says so") { node in
            try await node.withPod { pod, _ in
                let request = node.request(node.container("main"), in: pod)
                let created = try await node.engine.addContainer(request)
                try expect(
                    created.state == .created && created.id == request.id && created.podID == pod, "created \(created)")
                try expect(created.config == request.config, "its request comes back")
                try expect(created.imageID == node.image.id, "image \(created.imageID)")
                try expect(created.createdAt == request.createdAt, "time of creation")
                try expect(created.startedAt == .never && created.exit == nil, "not started")

                let running = try await node.engine.startContainer(request.id, of: pod)
                try expect(running.state == .running && running.pid > 0, "running \(running)")
                try expect(running.startedAt > .never && running.exit == nil, "started")
                try expect(try await node.record(request.id, of: pod)?.state == .running, "recorded")

                try await node.ready(request.id, pod)
                let stopped = try await node.engine.stopContainer(
                    request.id, of: pod, signal: .term, grace: .seconds(20))
                try expect(stopped.state == .exited, "exited \(stopped)")
                try expect(stopped.exit?.code == 143, "code \(String(describing: stopped.exit?.code))")
                try expect(stopped.exit?.reason == "Error", "reason \(stopped.exit?.reason ?? "-")")
                try expect((stopped.exit?.finishedAt ?? .never) >= running.startedAt, "time of exit")
                try expect(try await node.record(request.id, of: pod)?.exit == stopped.exit, "recorded")

                try await node.engine.removeContainer(request.id, of: pod)
                try expect(try await node.record(request.id, of: pod) == nil, "removed")
            }
        },
        ContractCase("a grace of zero kills at once") { node in
            try await node.withPod { pod, _ in
                let id = try await running(node, pod)
                let stopped = try await node.engine.stopContainer(id, of: pod, signal: nil, grace: .zero)
                try expect(stopped.exit?.code == 137, "code \(String(describing: stopped.exit?.code))")
            }
        },
        ContractCase("a stop of an exited container answers its record, which does not change") { node in
            try await node.withPod { pod, _ in
                let id = try await running(node, pod)
                let first = try await node.engine.stopContainer(id, of: pod, signal: nil, grace: .zero)
                let second = try await node.engine.stopContainer(id, of: pod, signal: .term, grace: .seconds(20))
                try expect(
                    first.exit == second.exit,
                    "\(String(describing: first.exit)), then \(String(describing: second.exit))")
            }
        },
        ContractCase("an exit by itself is told with its own code, by an event, and only then", exitIsTold),
        ContractCase("only a created container is started") { node in
            try await node.withPod { pod, _ in
                let id = try await running(node, pod)
                try await expectError(.failedPrecondition, "starting what runs") {
                    _ = try await node.engine.startContainer(id, of: pod)
                }
                _ = try await node.engine.stopContainer(id, of: pod, signal: nil, grace: .zero)
                try await expectError(.failedPrecondition, "starting what has exited") {
                    _ = try await node.engine.startContainer(id, of: pod)
                }
            }
        },
        ContractCase("a command that cannot be started leaves an exited container: 128, StartError") { node in
            try await node.withPod { pod, _ in
                let request = node.request(node.unstartable, in: pod)
                _ = try await node.engine.addContainer(request)
                do {
                    _ = try await node.engine.startContainer(request.id, of: pod)
                    throw ContractViolation("it was started")
                } catch is DomainError {}
                let record = try await node.record(request.id, of: pod)
                try expect(record?.state == .exited, "state \(String(describing: record?.state))")
                try expect(
                    record?.exit?.code == 128 && record?.exit?.reason == "StartError",
                    "exit \(String(describing: record?.exit))")
            }
        },
        ContractCase("removing kills what runs, and may be repeated") { node in
            try await node.withPod { pod, _ in
                let id = try await running(node, pod)
                for _ in 0..<2 { try await node.engine.removeContainer(id, of: pod) }
                try expect(try await node.record(id, of: pod) == nil, "removed")
                try await node.engine.removeContainer(node.ids.newContainerID(), of: pod)
            }
        },
        ContractCase("a stopped pod's containers have exited, and can be removed") { node in
            try await node.withPod { pod, _ in
                let id = try await running(node, pod)
                try await node.launcher.stop(pod)
                try await node.engine.finish(pod)
                let record = try await node.record(id, of: pod)
                try expect(record?.state == .exited && record?.exit?.code != 0, "record \(String(describing: record))")
                try await node.engine.removeContainer(id, of: pod)
                try expect(try await node.record(id, of: pod) == nil, "removed")
            }
        },
        ContractCase("the log of a running container is reopened, of no other") { node in
            try await node.withPod { pod, _ in
                let request = node.request(node.container("main"), in: pod)
                _ = try await node.engine.addContainer(request)
                try await expectError(.failedPrecondition, "reopening the log of what was not started") {
                    try await node.engine.reopenLog(of: request.id, in: pod)
                }
                _ = try await node.engine.startContainer(request.id, of: pod)
                try await node.engine.reopenLog(of: request.id, in: pod)
                _ = try await node.engine.stopContainer(request.id, of: pod, signal: nil, grace: .zero)
                try await expectError(.failedPrecondition, "reopening the log of what has exited") {
                    try await node.engine.reopenLog(of: request.id, in: pod)
                }
                try await expectError(.notFound, "reopening the log of an unknown container") {
                    try await node.engine.reopenLog(of: node.ids.newContainerID(), in: pod)
                }
            }
        },
        ContractCase("an unknown container, and one in a pod that is down, are refused") { node in
            try await node.withPod { pod, _ in
                try await expectError(.notFound, "starting an unknown container") {
                    _ = try await node.engine.startContainer(node.ids.newContainerID(), of: pod)
                }
                try await expectError(.notFound, "stopping an unknown container") {
                    _ = try await node.engine.stopContainer(
                        node.ids.newContainerID(), of: pod, signal: nil, grace: .zero)
                }
                try await node.launcher.stop(pod)
                try await expectError(.failedPrecondition, "adding to a pod that is down") {
                    _ = try await node.engine.addContainer(node.request(node.container("late"), in: pod))
                }
            }
        },
    ]

    static func running(_ node: ContractNode, _ pod: PodID) async throws -> ContainerID {
        let request = node.request(node.container("main"), in: pod)
        _ = try await node.engine.addContainer(request)
        _ = try await node.engine.startContainer(request.id, of: pod)
        return request.id
    }

    @Sendable private static func exitIsTold(_ node: ContractNode) async throws {
        try await node.withPod { pod, _ in
            // The stream has begun before anything happens: a snapshot that came later would have the exit in it.
            var events = node.engine.events().makeAsyncIterator()
            guard case .snapshot? = await events.next() else { throw ContractViolation("no snapshot at first") }
            let id = try await running(node, pod)
            try await node.end(id, pod, 7)
            while let event = await events.next() {
                guard case .container(let container) = event, container.id == id, let exit = container.exit else {
                    continue
                }
                try expect(exit.code == 7 && exit.reason == "Error", "exit \(exit)")
                try expect(try await node.record(id, of: pod)?.exit == exit, "what was told is recorded")
                return
            }
            throw ContractViolation("the events ended")
        }
    }
}
