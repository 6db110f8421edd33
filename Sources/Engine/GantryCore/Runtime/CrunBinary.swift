import CGantry
import Glibc

/// crun's executable as crun wants to run: from where nobody can write, since a container may get hold of `/proc/PID/exe` of a crun that
/// enters it (CVE-2019-5736). A crun that is not makes such a copy of itself and executes that first, every time.
final class CrunBinary {
    /// What tells a crun that it is such a copy; it looks whether that is so.
    static let environment = "_LIBCONTAINER_CLONED_BINARY=1"

    let path: String
    private var opened: (copy: Descriptor, file: stat)?

    init(path: String) { self.path = path }

    /// The file that is at the path now, on a read-only mount of its own; nil where the kernel (before 5.12) makes none, and for a script, whose
    /// interpreter could not open it.
    func readOnlyCopy() -> Descriptor? {
        var file = stat()
        guard stat(path, &file) == 0 else { return nil }
        if let opened, opened.file.st_dev == file.st_dev, opened.file.st_ino == file.st_ino { return opened.copy }
        guard isELF else { return nil }
        let descriptor = gantry_open_readonly(path)
        guard descriptor >= 0 else { return nil }
        let copy = Descriptor(owning: descriptor)
        opened = (copy, file)
        return copy
    }

    private var isELF: Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var magic = [UInt8](repeating: 0, count: 4)
        return read(descriptor, &magic, 4) == 4 && magic == [0x7F, 0x45, 0x4C, 0x46]
    }
}
