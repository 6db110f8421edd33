import ByteText
import CGantry
import Glibc

/// Mounts the layers of an image, with a writable layer on top or without.
package struct OverlayMount {
    /// Absolute, base first.
    package var layers: [String]
    /// Absolute; nil: read-only.
    package var upper: String?
    package var work: String?
    package var target: String

    package init(layers: [String], upper: String?, work: String?, target: String) {
        self.layers = layers
        self.upper = upper
        self.work = work
        self.target = target
    }

    package func mount() throws(EngineError) {
        if layers.isEmpty { return try mountNothing() }
        if upper == nil && layers.count == 1 { return try bindReadOnly() }
        let (parent, names) = shortNames
        let options = options(names)
        // The options are one page at most. With a path for each layer that is forty layers; with short names, thousands of bytes hold
        // more than the 127 that an image may have.
        if options.utf8.count < 4096 {
            try mount(options, in: parent)
        } else {
            try mountByCalls()
        }
    }

    /// The directory that all layers are in, and their names in there.
    var shortNames: (parent: String?, names: [String]) {
        let parents = Set(layers.map { ByteString($0.cutLast(at: "/")?.before ?? "") })
        guard parents.count == 1, let parent = parents.first?.text, !parent.isEmpty else { return (nil, layers) }
        return (parent, layers.map { String($0.lastPathComponent) })
    }

    // Topmost first, as overlayfs wants it. `volatile`: without it each unmount syncs the whole file system of the writable layer, and what
    // a writable layer holds is worthless after a crash of the host: its app never runs again.
    func options(_ names: [String]) -> String {
        var options = "lowerdir=" + names.reversed().map { Self.escape($0, ":") }.joined(separator: ":")
        if let upper, let work {
            options += ",upperdir=\(Self.escape(upper, "")),workdir=\(Self.escape(work, "")),volatile"
        }
        return options
    }

    /// Backslashes before what the option parser takes for its own.
    static func escape(_ path: String, _ separators: String) -> String {
        let special = Array("\\,\(separators)".utf8)
        guard path.utf8.contains(where: special.contains) else { return path }
        let bytes = path.utf8.flatMap { special.contains($0) ? [UInt8(ascii: "\\"), $0] : [$0] }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func mount(_ options: String, in parent: String?) throws(EngineError) {
        if let parent {
            guard chdir(parent) == 0 else { throw .posix("enter \(parent)", errno) }
        }
        defer { if parent != nil { chdir("/") } }
        let result = options.withCString { Glibc.mount("overlay", target, "overlay", 0, $0) }
        guard result == 0 else {
            throw .posix("mount the \(layers.count) layers of the image at \(target)", errno)
        }
    }

    // Kernel 6.5 and later: one call for each layer, without a limit on the length.
    private func mountByCalls() throws(EngineError) {
        let context = try Descriptor(fsopen("overlay", UInt32(FSOPEN_CLOEXEC)), "mount \(target): open overlayfs")
        for layer in layers.reversed() { try set(context, "lowerdir+", layer) }
        if let upper, let work {
            try set(context, "upperdir", upper)
            try set(context, "workdir", work)
            guard fsconfig(context.raw, UInt32(FSCONFIG_SET_FLAG.rawValue), "volatile", nil, 0) == 0 else {
                throw .posix("mount \(target): set volatile", errno)
            }
        }
        guard fsconfig(context.raw, UInt32(FSCONFIG_CMD_CREATE.rawValue), nil, nil, 0) == 0 else {
            throw .posix("mount the \(layers.count) layers of the image at \(target)", errno)
        }
        let made = try Descriptor(
            fsmount(context.raw, UInt32(FSMOUNT_CLOEXEC), 0), "mount \(target)")
        guard gantry_move_mount(made.raw, target) == 0 else { throw .posix("attach the mount at \(target)", errno) }
    }

    private func set(_ context: Descriptor, _ key: String, _ value: String) throws(EngineError) {
        guard fsconfig(context.raw, UInt32(FSCONFIG_SET_STRING.rawValue), key, value, 0) == 0 else {
            throw .posix("mount \(target): set \(key) to \(value)", errno)
        }
    }

    /// Overlayfs wants a layer below; an image without any is its writable layer alone, or nothing.
    private func mountNothing() throws(EngineError) {
        guard let upper else {
            guard Glibc.mount("tmpfs", target, "tmpfs", UInt(MS_RDONLY), "mode=755,size=4k") == 0 else {
                throw .posix("mount an empty directory at \(target)", errno)
            }
            return
        }
        guard Glibc.mount(upper, target, nil, UInt(MS_BIND), nil) == 0 else {
            throw .posix("mount \(upper) at \(target)", errno)
        }
    }

    private func bindReadOnly() throws(EngineError) {
        guard Glibc.mount(layers[0], target, nil, UInt(MS_BIND), nil) == 0 else {
            throw .posix("mount \(layers[0]) at \(target)", errno)
        }
        let flags = UInt(MS_BIND | MS_REMOUNT | MS_RDONLY)
        guard Glibc.mount(nil, target, nil, flags, nil) == 0 else { throw .posix("make \(target) read-only", errno) }
    }
}
