import ByteText
import GantryCore
import Glibc

/// Operating system and processor an image is made for, in the OCI image index's words.
package struct ImagePlatform: Hashable, Sendable, CustomStringConvertible {
    package let os: String
    package let architecture: String
    /// `v7` of `arm`; empty when there is only one.
    package let variant: String

    package init(os: String, architecture: String, variant: String = "") {
        self.os = os
        self.architecture = architecture
        self.variant = architecture == "arm64" && variant == "v8" ? "" : variant
    }

    /// Reads `OS/ARCH[/VARIANT]`.
    package init(parsing text: String) throws(EngineError) {
        let parts = text.pieces(at: "/").map(String.init)
        guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else {
            throw EngineError(
                .invalid, "platform \"\(text)\": must be OS/ARCH or OS/ARCH/VARIANT, for example linux/arm64")
        }
        self.init(os: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : "")
    }

    package var description: String { variant.isEmpty ? "\(os)/\(architecture)" : "\(os)/\(architecture)/\(variant)" }

    /// The machine's own.
    package static let host: ImagePlatform = {
        var names = utsname()
        uname(&names)
        let machine = withUnsafeBytes(of: &names.machine) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return ImagePlatform(machine: machine)
    }()

    /// From `uname -m`.
    init(machine: String) {
        switch machine {
        case "x86_64": self.init(os: "linux", architecture: "amd64")
        case "aarch64": self.init(os: "linux", architecture: "arm64")
        case "armv7l", "armv8l": self.init(os: "linux", architecture: "arm", variant: "v7")
        case "armv6l": self.init(os: "linux", architecture: "arm", variant: "v6")
        case "i386", "i486", "i586", "i686": self.init(os: "linux", architecture: "386")
        default: self.init(os: "linux", architecture: machine)
        }
    }

    /// Whether an image for `other` runs where this platform is wanted, and how well: the lowest number is the best, nil is not at all.
    ///
    /// A variant is a level: what is made for a lower one runs on a higher one. An image that names none is taken for the lowest.
    func distance(to other: ImagePlatform) -> Int? {
        guard os == other.os, architecture == other.architecture else { return nil }
        if variant == other.variant { return 0 }
        if other.variant.isEmpty { return 50 }
        guard let theirs = Self.level(other.variant) else { return nil }
        let ours = variant.isEmpty ? 1 : Self.level(variant)
        guard let ours, theirs <= ours else { return nil }
        return 1 + ours - theirs
    }

    private static func level(_ variant: String) -> Int? {
        // Two digits at most: a level is subtracted from another.
        variant.without(prefix: "v").flatMap { UInt8(digits: $0) }.map(Int.init)
    }
}
