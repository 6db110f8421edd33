import ByteText
import Glibc

/// One directory of a cgroup hierarchy, held open: what is read of it is of one cgroup, also when its name is used anew meanwhile.
struct CgroupDirectory: ~Copyable {
    private let descriptor: Int32
    private let path: String

    /// Nil: there is no such cgroup.
    init?(_ path: String) {
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { return nil }
        self.path = path
    }

    deinit { close(descriptor) }

    /// The cgroup has not been removed: its name still stands for it.
    var isThere: Bool {
        var held = stat()
        var named = stat()
        return fstat(descriptor, &held) == 0 && stat(path, &named) == 0 && held.st_ino == named.st_ino
            && held.st_dev == named.st_dev
    }

    /// A file that is one number; nil when it is absent or says something else, such as `max`.
    func number(_ name: String) -> UInt64? {
        withFile(name) { $0.firstLine.number } ?? nil
    }

    /// A file that is a number, or `max` for none, which is told as 0; nil when it is absent.
    func limit(_ name: String) -> UInt64? {
        withFile(name) { $0.firstLine.isSame(as: "max") ? 0 : $0.firstLine.number } ?? nil
    }

    /// A file of lines `name number`: the numbers of those names, nil for each that it does not have.
    func numbers(_ name: String, _ wanted: [StaticString]) -> [UInt64?] {
        var found = [UInt64?](repeating: nil, count: wanted.count)
        withFile(name) { text in
            text.eachLine { line in
                guard let (key, value) = line.cut(at: UInt8(ascii: " ")),
                    let index = wanted.firstIndex(where: { key.isSame(as: $0) })
                else { return }
                found[index] = value.number
            }
        }
        return found
    }

    /// The processes in it, not in those below; as many as fit.
    var processes: [UInt64] {
        var numbers: [UInt64] = []
        withFile("cgroup.procs") { text in
            text.eachLine { line in
                if let number = line.number { numbers.append(number) }
            }
        }
        return numbers
    }

    /// All of it, for files that are read seldom.
    func text(_ name: String) -> String? {
        withFile(name) { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// - Returns: nil where the file is absent, empty, or cannot be read.
    private func withFile<Value>(_ name: String, _ body: (KernelText) -> Value) -> Value? {
        KernelFile.read(name, in: descriptor, body)
    }
}
