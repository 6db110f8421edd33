import Domain
import Hummingbird
import JSON

/// What containers and pods use.
struct StatsRoutes {
    let useCases: UseCases

    func add(to table: inout RouteTable) {
        table.get("/v1/stats") { request, _ in
            let (filter, labels) = try wanted(request)
            let usages = await useCases.containerStats(filter).filter { labels.matches($0.container.config.labels) }
            return .jsonList("stats", usages.sorted { $0.container.id.rawValue < $1.container.id.rawValue }) {
                $0.write(&$1)
            }
        }
        table.get("/v1/stats/history") { request, _ in
            let (filter, labels) = try wanted(request)
            let series = useCases.usageHistory(filter).filter { labels.matches($0.0.config.labels) }
            return .jsonList("series", series.sorted { $0.0.id.rawValue < $1.0.id.rawValue }) { one, json in
                let (container, points) = one
                json.object { json in
                    json.member("id", container.id.rawValue)
                    json.member("points") { json in json.array(points) { $1.write(&$0) } }
                }
            }
        }
        table.get("/v1/containers/{container}/stats") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            let id = try IDLookup(useCases: useCases).container(try context.pathParameter("container"))
            let usage = try await useCases.containerStats(id)
            return .json { json in json.object { $0.member("stats") { usage.write(&$0) } } }
        }
        table.get("/v1/pods/{pod}/stats") { request, context in
            _ = try QueryReader(request.uri.query, known: [])
            let id = try IDLookup(useCases: useCases).pod(try context.pathParameter("pod"))
            let usage = try await useCases.podSandboxStats(id)
            return .json { json in json.object { $0.member("stats") { usage.write(&$0) } } }
        }
    }

    private func wanted(_ request: Request) throws -> (ContainerFilter, LabelSelector) {
        let query = try QueryReader(request.uri.query, known: ["podSandboxId", "labelSelector"])
        var filter = ContainerFilter()
        let labels = try query.labels("labelSelector")
        if let pod = try query.filter("podSandboxId") {
            filter.podID = try IDLookup(useCases: useCases).pod(pod).rawValue
        }
        return (filter, labels)
    }
}
