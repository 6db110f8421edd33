import ByteText
import Glibc

/// The sizes of huge pages that this kernel has, as its cgroups' files name them: `2MB`, `1GB`.
enum HugePageSizes {
    static let all: [String] = names(in: "/sys/kernel/mm/hugepages")

    /// From names such as `hugepages-2048kB`.
    static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var sizes: [UInt64] = []
        while let entry = readdir(stream) {
            let name = String(cString: entry.name)
            guard let rest = name.without(prefix: "hugepages-"), let (digits, unit) = rest.cut(at: "k"),
                unit.isSame(as: "B"), let kibibytes = UInt64(digits: digits)
            else { continue }
            sizes.append(kibibytes)
        }
        return sizes.sorted().map(name)
    }

    private static func name(_ kibibytes: UInt64) -> String {
        if kibibytes >= 1 << 20 { return "\(kibibytes >> 20)GB" }
        return kibibytes >= 1 << 10 ? "\(kibibytes >> 10)MB" : "\(kibibytes)KB"
    }
}
