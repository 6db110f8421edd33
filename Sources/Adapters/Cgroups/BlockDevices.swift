import ByteText
import Domain
import Glibc

/// What the kernel counts of block devices, by device.
enum BlockDevices {
    /// `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0` (cgroup-v2.rst, io.stat).
    static func unified(_ text: String) -> [CgroupDetails.Device] {
        text.words(at: "\n").compactMap { line in
            let words = line.words(at: " ")
            guard let numbers = words.first, words.count > 1 else { return nil }
            var device = device(String(numbers))
            for word in words.dropFirst() {
                guard let (key, value) = word.cut(at: "="), let number = UInt64(digits: value) else { continue }
                switch key {
                case "rbytes": device.readBytes = number
                case "wbytes": device.writtenBytes = number
                case "rios": device.reads = number
                case "wios": device.writes = number
                default: continue
                }
            }
            return device
        }
    }

    /// Lines `8:0 Read 1` (blkio-controller.rst).
    static func legacy(bytes: String, counts: String) -> [CgroupDetails.Device] {
        var devices: [String: CgroupDetails.Device] = [:]
        func each(
            _ text: String, read: WritableKeyPath<CgroupDetails.Device, UInt64>,
            write: WritableKeyPath<CgroupDetails.Device, UInt64>
        ) {
            for line in text.words(at: "\n") {
                let words = line.words(at: " ")
                guard words.count == 3, let number = UInt64(digits: words[2]) else { continue }
                let numbers = String(words[0])
                let place: WritableKeyPath<CgroupDetails.Device, UInt64>
                if words[1].isSame(as: "Read") {
                    place = read
                } else if words[1].isSame(as: "Write") {
                    place = write
                } else {
                    continue
                }
                devices[numbers, default: device(numbers)][keyPath: place] = number
            }
        }
        each(bytes, read: \.readBytes, write: \.writtenBytes)
        each(counts, read: \.reads, write: \.writes)
        return devices.sorted { $0.key.precedes($1.key) }.map(\.value)
    }

    private static func device(_ numbers: String) -> CgroupDetails.Device {
        var device = CgroupDetails.Device(name: name(numbers))
        if let (major, minor) = numbers.cut(at: ":") { (device.major, device.minor) = (String(major), String(minor)) }
        return device
    }

    /// `/dev/sda` for `8:0`.
    private static func name(_ numbers: String) -> String {
        guard numbers.utf8.allSatisfy({ $0.isASCIIDigit || $0 == UInt8(ascii: ":") }) else { return numbers }
        var target = [CChar](repeating: 0, count: 256)
        let count = readlink("/sys/dev/block/\(numbers)", &target, target.count - 1)
        guard count > 0 else { return numbers }
        return "/dev/"
            + String(decoding: target[..<count].map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self).lastPathComponent
    }
}
