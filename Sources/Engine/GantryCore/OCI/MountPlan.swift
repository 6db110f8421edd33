import ByteText

/// Where the mounts of an app really come to be, and in what order: each link on the way to a target is followed, in the image and in
/// whatever is mounted there before. The runtime is given targets without links, parents first, so that it sees what was looked at here.
///
/// Nothing is made. What a missing target would have to be made in decides: the image's writable layer and writable mounts take it, as
/// with other runtimes; a read-only mount does not.
struct MountPlan {
    /// What a mount shows below its target.
    enum Content {
        /// A directory of the host.
        case directory(String)
        /// Anything else of the host.
        case file
        /// Something made for the app, of which nothing is known.
        case made
    }

    struct Entry {
        var mount: SpecMounts.Mount
        var content: Content
        /// For messages: the mount as it was asked for.
        var label: String
        /// Not asked for by the app: left out where it would have to be made in a read-only mount.
        var isUsual = false
        /// Its target is not looked at: the runtime makes it in a place of its own.
        var isFixed = false

        var isReadOnly: Bool { mount.options.contains("ro") }
    }

    let entries: [Entry]
    let host: any SpecHost
    /// The image's root on the host; empty: nothing is known of it.
    let root: String

    /// The mounts in order, with their real targets.
    /// - Throws: `invalid` for a target that cannot be had, which it names.
    func ordered() throws(EngineError) -> [SpecMounts.Mount] {
        let places = try settled()
        // What was asked for is told of first: it may be what leaves the others no place.
        var isUsable = [Bool](repeating: true, count: entries.count)
        for index in entries.indices where !entries[index].isFixed && !entries[index].isUsual {
            isUsable[index] = try self.isUsable(places[index], of: index)
        }
        for index in entries.indices where entries[index].isUsual {
            isUsable[index] = try self.isUsable(places[index], of: index)
        }
        var placed: [(depth: Int, entry: Entry)] = []
        for (index, entry) in entries.enumerated() where isUsable[index] {
            var entry = entry
            entry.mount.destination = places[index].path
            placed.append((MountPlan.depth(places[index].path), entry))
        }
        // Those that are one place stay as they were asked for: the last one is seen.
        let sorted = placed.enumerated().sorted { left, right in
            left.element.depth == right.element.depth
                ? left.offset < right.offset : left.element.depth < right.element.depth
        }
        return sorted.map(\.element.entry.mount)
    }

    private static func depth(_ path: String) -> Int { path.utf8.count { $0 == UInt8(ascii: "/") } }

    // MARK: Where

    /// A target as it is found.
    private struct Place {
        var path: String
        /// Nil where nothing is there yet.
        var kind: HostEntry?
        /// The mount that it is in; nil for the image.
        var cover: Int?
        /// Not known, since what it is in is made later.
        var isUnknown = false
        /// Why there is none.
        var problem: EngineError?
    }

    /// Links of one mount may decide where another one is, whose links decide where a third one is: looked at until nothing moves any more.
    private func settled() throws(EngineError) -> [Place] {
        var places = entries.map { Place(path: $0.mount.destination) }
        var steps = MountPlan.mostSteps
        for _ in 0...entries.count {
            let before = Places(places)
            var next: [Place] = []
            for index in entries.indices { next.append(try place(of: index, among: before, &steps)) }
            let moved = zip(places, next).contains { !$0.path.isSame(as: $1.path) }
            places = next
            if !moved { return places }
            if steps <= 0 { break }
        }
        let names = entries.filter { !$0.isFixed && !$0.isUsual }.map(\.label).joined(separator: ", ")
        throw EngineError(
            .invalid,
            "mounts: links in them lead in circles or without end: each would move another one (\(names.shortened(to: 500)))"
        )
    }

    private static let mostLinks = 40
    /// Names looked at for all mounts together: links decide how many there are, and may be anybody's.
    private static let mostSteps = 300_000

    /// Where mounts are, by their targets.
    private struct Places {
        let all: [Place]
        private var indices: [ByteString: [Int]] = [:]

        init(_ all: [Place]) {
            self.all = all
            for (index, place) in all.enumerated() { indices[ByteString(place.path), default: []].append(index) }
        }

        /// The last mount at a path; with `before`, of those that were asked for before that one.
        func last(at path: String, for index: Int, onlyBefore: Bool) -> Int? {
            indices[text: path]?.last { onlyBefore ? $0 < index : $0 != index }
        }
    }

    private func place(of index: Int, among places: Places, _ steps: inout Int) throws(EngineError) -> Place {
        let entry = entries[index]
        let asked = entry.mount.destination
        if entry.isFixed { return Place(path: asked, isUnknown: true) }
        do throws(EngineError) {
            return try walk(asked, index, places, &steps)
        } catch {
            // Perhaps of the moment, since others are not where they will be.
            return Place(path: asked, isUnknown: true, problem: error)
        }
    }

    private func walk(
        _ asked: String, _ index: Int, _ places: Places, _ steps: inout Int
    ) throws(EngineError) -> Place {
        // The directories above, each with what shows it.
        var trail = [Place(path: "/", kind: .directory)]
        var rest = asked.words(at: "/").reversed().map(String.init)
        var links = 0
        while let component = rest.popLast() {
            if component == "." { continue }
            if component == ".." {
                if trail.count > 1 { trail.removeLast() }
                continue
            }
            let above = trail[trail.count - 1]
            if above.kind == .other {
                throw EngineError(.invalid, "\(above.path) of the container is no directory")
            }
            steps -= 1
            guard steps > 0 else { throw EngineError(.invalid, "it leads over more links and names than are followed") }
            let next = try found(component, in: above, index, places, isLast: rest.isEmpty)
            guard case .link(let target) = next.kind else {
                trail.append(next)
                continue
            }
            links += 1
            guard links <= MountPlan.mostLinks, !target.isEmpty else {
                throw EngineError(.invalid, "\(next.path) of the container is a link that leads in circles")
            }
            rest += target.words(at: "/").reversed().map(String.init)
            if target.begins(with: "/") { trail.removeLast(trail.count - 1) }
        }
        return trail[trail.count - 1]
    }

    /// What is in a directory, before the mount `index` is made. At its own target it is shown by what was asked for before; else by the last mount
    /// at the very place, or what shows the directory.
    private func found(
        _ name: String, in above: Place, _ index: Int, _ places: Places, isLast: Bool
    ) throws(EngineError) -> Place {
        let path = above.path == "/" ? "/\(name)" : "\(above.path)/\(name)"
        guard let cover = places.last(at: path, for: index, onlyBefore: isLast) ?? above.cover else {
            let kind = root.isEmpty ? nil : try host.entry(String(path.without(prefix: "/") ?? ""), in: root)
            return Place(path: path, kind: kind)
        }
        let below = String(path.without(prefix: places.all[cover].path)?.without(prefix: "/") ?? "")
        switch entries[cover].content {
        case .made: return Place(path: path, kind: below.isEmpty ? .directory : nil, cover: cover, isUnknown: true)
        case .file: return Place(path: path, kind: .other, cover: cover)
        case .directory(let source):
            let kind: HostEntry? = below.isEmpty ? .directory : try host.entry(below, in: source)
            return Place(path: path, kind: kind, cover: cover)
        }
    }

    // MARK: Whether

    /// False for what nobody asked for and that has no place.
    private func isUsable(_ place: Place, of index: Int) throws(EngineError) -> Bool {
        do throws(EngineError) {
            return try check(place, of: index)
        } catch {
            throw error.prefixed(entries[index].label)
        }
    }

    /// What programs ask for the machine's size and load (lxcfs makes them anew for a container).
    private static let machineFiles: Set<String> = [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/loadavg", "/proc/meminfo", "/proc/net/dev", "/proc/slabinfo",
        "/proc/stat", "/proc/swaps", "/proc/uptime",
    ]

    /// By what is in /proc the runtime confines the container and whoever enters it, and tells it what it may: no volume takes its place, of
    /// which a link of the image may make it one.
    private static func isAllowed(_ target: String, from source: String) -> Bool {
        guard target == "/proc" || target.begins(with: "/proc/") else { return true }
        return target == "/proc" ? source.isSame(as: "/proc") : machineFiles.contains(target)
    }

    private func check(_ place: Place, of index: Int) throws(EngineError) -> Bool {
        if let problem = place.problem { throw problem }
        let entry = entries[index]
        if place.path == "/" {
            throw EngineError(.invalid, "it leads to the root of the container and would hide all of it")
        }
        let real = entry.mount.destination.isSame(as: place.path) ? "" : " (\(place.path))"
        guard MountPlan.isAllowed(place.path, from: entry.mount.source) else {
            throw EngineError(
                .invalid, "it is in /proc\(real), where only /proc itself and single files of the machine's are mounted"
            )
        }
        guard let kind = place.kind else {
            guard !place.isUnknown, let cover = place.cover, entries[cover].isReadOnly else { return true }
            if entry.isUsual { return false }
            throw EngineError(
                .invalid,
                "there is no such file or directory\(real) in what is mounted read-only at \(entries[cover].mount.destination), where none can be made"
            )
        }
        let isDirectory = kind == .directory
        switch entry.content {
        case .file where isDirectory:
            throw EngineError(.invalid, "it is a directory\(real) in the container, and \(entry.mount.source) is none")
        case .directory where !isDirectory, .made where !isDirectory:
            throw EngineError(.invalid, "it is no directory\(real) in the container, and \(entry.mount.source) is one")
        default: return true
        }
    }
}
