// How news of an object meets what is already known of it. News may be late, doubled or out of order: a state never moves back, an
// exit is written once, and facts that are known are not forgotten.

extension PodSandbox {
    /// This pod after hearing `news` of it.
    func learning(_ news: PodSandbox) -> PodSandbox {
        guard state.mayBecome(news.state) else { return self }
        let detached = state == .notReady && !networkAttached
        return PodSandbox(
            id: id, config: config, state: news.state,
            createdAt: news.createdAt == .never ? createdAt : news.createdAt,
            ips: news.ips.isEmpty ? ips : news.ips,
            networkAttached: detached ? false : news.networkAttached,
            unit: news.unit.isEmpty ? unit : news.unit,
            networkNamespace: news.networkNamespace.isEmpty ? networkNamespace : news.networkNamespace,
            cgroup: news.cgroup.isEmpty ? cgroup : news.cgroup,
            pid: news.pid,
            message: news.message.isEmpty ? message : news.message,
            sharesPIDNamespace: sharesPIDNamespace || news.sharesPIDNamespace)
    }
}

extension Container {
    /// This container after hearing `news` of it.
    func learning(_ news: Container) -> Container {
        guard state.mayBecome(news.state) else { return self }
        let exit = self.exit ?? news.exit
        let limits = news.resourcesGeneration >= resourcesGeneration ? news : self
        return Container(
            id: id, podID: podID, config: config, imageID: imageID,
            mountImages: mountImages.isEmpty ? news.mountImages : mountImages, logPath: logPath,
            // An exit that nobody recorded is unknown, never a made-up code.
            state: news.state == .exited && exit == nil ? .unknown : news.state,
            createdAt: news.createdAt == .never ? createdAt : news.createdAt,
            startedAt: news.startedAt == .never ? startedAt : news.startedAt,
            exit: news.state == .exited ? exit : nil,
            pid: news.pid,
            user: news.user ?? user,
            stopSignal: news.stopSignal,
            cgroup: news.cgroup.isEmpty ? cgroup : news.cgroup,
            resources: limits.resources, resourcesGeneration: limits.resourcesGeneration,
            writableLayer: news.writableLayer.isEmpty ? writableLayer : news.writableLayer)
    }

    /// This container as it is first heard of.
    var asFirstHeard: Container {
        var result = self
        if state == .exited, exit == nil { result.state = .unknown }
        if result.state != .exited { result.exit = nil }
        return result
    }
}

/// What a change of state is to those who subscribed to events.
enum Transition {
    /// - Parameters: the pod as clients saw it before and see it after; nil where they see none.
    static func kinds(from old: PodSandbox?, to new: PodSandbox?) -> [ContainerEvent.Kind] {
        switch (old?.state, new?.state) {
        case (nil, .ready): [.created, .started]
        case (nil, .notReady): [.created, .stopped]
        case (.ready, .notReady): [.stopped]
        case (.some, nil): [.deleted]
        default: []
        }
    }

    /// - Parameters: the container as clients saw it before and see it after; nil where they see none.
    static func kinds(from old: Container?, to new: Container?) -> [ContainerEvent.Kind] {
        guard let new else { return old == nil ? [] : [.deleted] }
        var kinds: [ContainerEvent.Kind] = old == nil ? [.created] : []
        let hadStarted = old.map { $0.state == .running || $0.startedAt != .never } ?? false
        if !hadStarted, new.state == .running || new.startedAt != .never { kinds.append(.started) }
        if old?.state != .exited, new.state == .exited { kinds.append(.stopped) }
        return kinds
    }
}
